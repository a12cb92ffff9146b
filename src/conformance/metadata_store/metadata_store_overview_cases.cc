// Histograms, aliases, the list of fields, the explanation of a search and the state of the index.
#include <fmt/format.h>

#include <set>
#include <string>

#include "conformance/metadata_store/metadata_store_cases.h"
#include "core/query/document_fields.h"

namespace seshat::conformance {
namespace {

std::string Describe(const Histogram& histogram) {
  std::string text = histogram.field + ":";
  for (size_t i = 0; i < histogram.edges.size(); ++i) {
    text += " " + histogram.edges[i].text;
    if (i < histogram.counts.size()) text += fmt::format(" ({})", histogram.counts[i]);
  }
  return text + fmt::format(" missing={}", histogram.missing);
}

// Of one histogram over what the query finds; the error where there is one.
std::string Bars(MetadataStore& store, const HistogramRequest& histogram, std::string_view query = "") {
  SearchRequest request;
  request.query = Parsed(query);
  request.limit = 0;
  request.histograms = {histogram};
  const auto page = store.Search(request);
  if (!page) return page.error().ToString();
  return page->histograms.size() == 1 ? Describe(page->histograms[0]) : "not one histogram";
}

bool RefusesHistograms(MetadataStore& store) {
  if (store.capabilities().histograms) return false;
  SearchRequest request;
  request.histograms = {{.field = "n"}};
  const auto page = store.Search(request);
  EXPECT_TRUE(!page.has_value() && page.error().code == ErrorCode::kUnsupported);
  return true;
}

void HistogramsOfNumbers(MetadataStoreHarness& h) {
  if (RefusesHistograms(h.store())) return;
  if (!Put(h.store(), {Session("a", {{"n", "0"}, {"n", "1"}, {"n", "9.5"}}), Session("b", {{"n", "2"}, {"x", "1"}}),
                       Session("c", {{"n", "10"}}), Session("d", {{"n", "many"}}), Session("e", {{"N", "3.999 V"}})}))
    return;
  EXPECT_EQ(Bars(h.store(), {.field = "n", .buckets = 5}),
            "n: 0 (1) 2 (2) 4 (0) 6 (0) 8 (2) 10 missing=1");  // 10 is in the last bar, 2 in the second
  EXPECT_EQ(Bars(h.store(), {.field = "n", .buckets = 5}, "not x:1 not n:10"),
            "n: 0 (1) 2 (1) 4 (0) 6 (0) 8 (1) 10 missing=1");
  EXPECT_EQ(Bars(h.store(),
                 {.field = "n", .buckets = 4, .low = metadata::TypeValue("1"), .high = metadata::TypeValue("3.5")}),
            "n: 1 (1) 2 (1) 3 (0) 3.5 missing=1");
  EXPECT_EQ(Bars(h.store(), {.field = "n", .buckets = 3}, "n:10"), "n: 10 (1) 10 missing=0");
  EXPECT_EQ(Bars(h.store(), {.field = "nowhere"}), "nowhere: missing=5");
}

void HistogramsOfDates(MetadataStoreHarness& h) {
  if (RefusesHistograms(h.store())) return;
  if (!Put(h.store(), {Session("a", {{"day", "2026-11-22"}}, 0), Session("b", {{"day", "2027-02-01"}}, 31),
                       Session("c", {{"day", "5"}}, 59)}))
    return;
  EXPECT_EQ(Bars(h.store(), {.field = "started_at", .of = HistogramRequest::Of::kDates, .buckets = 2}),
            "started_at: 2026-11-23T00:00:00Z (1) 2026-11-23T00:30:00Z (2) 2026-11-23T01:00:00Z missing=0");
  EXPECT_EQ(Bars(h.store(), {.field = "day", .of = HistogramRequest::Of::kDates, .buckets = 3}),
            "day: 2026-11-01T00:00:00Z (1) 2026-12-01T00:00:00Z (0) 2027-01-01T00:00:00Z (1) "
            "2027-02-01T00:00:00Z missing=1");
}

void HistogramsConvertUnits(MetadataStoreHarness& h) {
  if (RefusesHistograms(h.store())) return;
  if (!Put(h.store(), {Session("a", {{"v", "500 mV"}}), Session("b", {{"v", "1.5 V"}, {"v", "1600 mV"}}),
                       Session("c", {{"v", "2"}}), Session("d", {{"v", "9 A"}})}))
    return;
  EXPECT_EQ(Bars(h.store(), {.field = "v", .buckets = 3, .unit = "V"}), "v: 0.5 V (1) 1 V (0) 1.5 V (2) 2 V missing=1");
  EXPECT_EQ(Bars(h.store(), {.field = "v", .buckets = 2, .unit = "mV"}, "v = 1.5V"),
            "v: 1500 mV (1) 1550 mV (1) 1600 mV missing=0");
}

void SenselessHistogramsAreRefused(MetadataStoreHarness& h) {
  if (RefusesHistograms(h.store())) return;
  using Of = HistogramRequest::Of;
  const auto one = metadata::TypeValue("1");
  const auto day = metadata::TypeValue("2026-11-23");
  const HistogramRequest wrong[] = {{.field = ""},
                                    {.field = "n", .buckets = 1},
                                    {.field = "n", .buckets = 1001},
                                    {.field = "n", .low = one},
                                    {.field = "n", .low = one, .high = one},
                                    {.field = "n", .low = one, .high = metadata::TypeValue("2 V")},
                                    {.field = "n", .low = one, .high = day},
                                    {.field = "n", .of = Of::kDates, .unit = "s"},
                                    {.field = "n", .of = Of::kDates, .low = day, .high = day}};
  for (const auto& histogram : wrong) {
    SearchRequest request;
    request.histograms = {histogram};
    const auto page = h.store().Search(request);
    ASSERT_FALSE(page.has_value());
    EXPECT_EQ(page.error().code, ErrorCode::kInvalidArgument);
  }
}

void AliasesCountAsOneField(MetadataStoreHarness& h) {
  if (!Put(h.store(), {Session("a", {{"temperature", "20"}}), Session("b", {{"temp_C", "30"}, {"rig", "x"}}),
                       Session("c", {{"Temp", "hot stuff"}}), Session("d", {{"temp", "25"}}), Session("e", {})}))
    return;
  SearchRequest request;
  request.aliases = {{"temperature", {"temp_C", "Temp"}}, {"machine", {"rig", "source"}}};
  const auto found = [&](std::string_view query) {
    request.query = Parsed(query);
    const auto page = h.store().Search(request);
    return page ? IdsOf(*page) : page.error().ToString();
  };
  EXPECT_EQ(found("TEMPERATURE > 20"), "b d");
  EXPECT_EQ(found("temp_c:[20 TO 25]"), "a d");
  EXPECT_EQ(found("temp:hot"), "c");
  EXPECT_EQ(found("_exists_:temperature and not temp = 20"), "b c d");
  EXPECT_EQ(found("machine = x"), "b");
  request.sort = {SortOrder::By::kField, "temp_c", true};
  EXPECT_EQ(found(""), "b d a c e");
  request.aliases.push_back({"third", {"TEMP"}});
  const auto refused = h.store().Search(request);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
}

void AliasesCountInFacetsAndCursors(MetadataStoreHarness& h) {
  if (!Put(h.store(), {Session("a", {{"rig", "x"}}), Session("b", {{"machine", "x"}, {"rig", "y"}}),
                       Session("c", {{"other", "x"}})}))
    return;
  SearchRequest request;
  request.aliases = {{"machine", {"rig"}}};
  request.limit = 1;
  const auto first = h.store().Search(request);
  ASSERT_TRUE(first.has_value()) << first.error().ToString();
  auto second = request;
  second.cursor = first->next_cursor;
  EXPECT_TRUE(h.store().Search(second).has_value());
  second.aliases = {{"machine", {"other"}}};
  const auto refused = h.store().Search(second);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);

  if (h.store().capabilities().facets) {
    request.facets = {"rig"};
    const auto page = h.store().Search(request);
    ASSERT_TRUE(page.has_value());
    EXPECT_EQ(page->facets[0].values, (std::vector<FacetValue>{{"x", 2}, {"y", 1}}));
    EXPECT_EQ(page->facets[0].missing, 1U);
  }
}

std::string Describe(const std::vector<FacetValue>& values) {
  std::string text;
  for (const auto& value : values) text += fmt::format(" {}={}", value.value, value.count);
  return text;
}

void FieldsAreListedWithTheirTypes(MetadataStoreHarness& h) {
  if (!Put(h.store(),
           {Session("a", {{"Temp", "25"}, {"day", "2026-11-23"}}),
            Session("b", {{"temp", "hot"}, {"temp", "n/a"}, {"temp", "yes"}}),
            Session("c", {{"temp", "25 °C"}, {"temp", "300 K"}, {"a b", ""}}), Session("d", {{"temp", "25 °C"}})}))
    return;
  const auto fields = h.store().Fields({});
  ASSERT_TRUE(fields.has_value()) << fields.error().ToString();
  std::string text;
  for (const auto& f : *fields)
    text += fmt::format("{}={} {} n{}d{}b{}t{}{}; ", f.name, f.sessions, f.coverage, f.numbers, f.dates, f.booleans,
                        f.texts, Describe(f.units));
  EXPECT_EQ(text, "a b=1 0.25 n0d0b0t1; day=1 0.25 n0d1b0t0; temp=4 1 n3d0b1t1 °C=2 =1 K=1; ");
  for (const auto& f : *fields) EXPECT_TRUE(f.top_values.empty());
}

void FieldsTellTheirTopValues(MetadataStoreHarness& h) {
  auto named = Session("d", {{"source", "Bench-2"}, {"note", "n"}});
  named.source = "bench-1";
  if (!Put(h.store(), {Session("a", {{"rig", "Ärmel"}, {"rig", "bee"}}), Session("b", {{"rig", "Bee"}}),
                       Session("c", {{"rig", "bee"}, {"rig", "cup"}}), named}))
    return;
  const auto values = [&](const FieldsOptions& options) {
    const auto fields = h.store().Fields(options);
    if (!fields) return fields.error().ToString();
    std::string text;
    for (const auto& f : *fields) text += fmt::format("{}:{}; ", f.name, Describe(f.top_values));
    return text;
  };
  EXPECT_EQ(values({.names = {"RIG", "nowhere"}, .top_values = 3}), "rig: bee=2 Bee=1 cup=1; ");
  EXPECT_EQ(values({.names = {"rig"}, .top_values = 9, .value_prefix = "BE"}), "rig: bee=2 Bee=1; ");
  EXPECT_EQ(values({.names = {"rig"}, .top_values = 9, .value_prefix = "är"}), "rig: Ärmel=1; ");
  EXPECT_EQ(values({.names = {"source"}, .top_values = 9, .value_prefix = "bench"}), "source: Bench-2=1 bench-1=1; ");
  EXPECT_EQ(values({.top_values = 1}), "note: n=1; rig: bee=2; source: Bench-2=1; ");
}

void FieldsAreAskedWhetherTheyExist(MetadataStoreHarness& h) {
  if (!Put(h.store(), {Session("a", {{"Rig", "1"}}), Session("b", {{"operator", "Sato"}})})) return;
  const auto fields = h.store().Fields({.names = {"RIG", "nowhere", "source", "Operator"}, .existence_only = true});
  ASSERT_TRUE(fields.has_value()) << fields.error().ToString();
  std::set<std::string> names;
  for (const auto& field : *fields) names.insert(metadata::FoldField(field.name));
  EXPECT_EQ(names, (std::set<std::string>{"operator", "rig", "source"}));
}

void TheIndexTellsItsState(MetadataStoreHarness& h) {
  auto status = h.store().GetStatus();
  ASSERT_TRUE(status.has_value()) << status.error().ToString();
  EXPECT_EQ(status->documents, 0U);
  EXPECT_FALSE(status->location.empty());
  EXPECT_FALSE(status->rebuilding);
  if (!Put(h.store(), {Session("a", {}), Session("b", {{"n", "1"}})})) return;
  const auto token = h.store().BeginRebuild();
  ASSERT_TRUE(token.has_value());
  status = h.store().GetStatus();
  ASSERT_TRUE(status.has_value());
  EXPECT_EQ(status->documents, 2U);
  EXPECT_TRUE(status->rebuilding);
  if (!Put(h.store(), {Session("b", {{"n", "1"}})})) return;
  ASSERT_TRUE(h.store().FinishRebuild(*token).has_value());
  status = h.store().GetStatus();
  ASSERT_TRUE(status.has_value());
  EXPECT_EQ(status->documents, 1U);
  EXPECT_FALSE(status->rebuilding);
}

void SearchesAreExplainedWhenAsked(MetadataStoreHarness& h) {
  if (!Put(h.store(), {Session("a", {{"n", "1"}})})) return;
  SearchRequest request;
  request.query = Parsed("n = 1 and not gone:x");
  auto page = h.store().Search(request);
  ASSERT_TRUE(page.has_value());
  EXPECT_FALSE(page->explanation.has_value());
  request.explain = true;
  page = h.store().Search(request);
  ASSERT_TRUE(page.has_value());
  EXPECT_EQ(IdsOf(*page), "a");
  ASSERT_TRUE(page->explanation.has_value());
  EXPECT_FALSE(page->explanation->engine.empty());
  EXPECT_FALSE(page->explanation->request.empty());
}

constexpr MetadataCase kCases[] = {
    {"HistogramsOfNumbers", HistogramsOfNumbers},
    {"HistogramsOfDates", HistogramsOfDates},
    {"HistogramsConvertUnits", HistogramsConvertUnits},
    {"SenselessHistogramsAreRefused", SenselessHistogramsAreRefused},
    {"AliasesCountAsOneField", AliasesCountAsOneField},
    {"AliasesCountInFacetsAndCursors", AliasesCountInFacetsAndCursors},
    {"FieldsAreListedWithTheirTypes", FieldsAreListedWithTheirTypes},
    {"FieldsTellTheirTopValues", FieldsTellTheirTopValues},
    {"FieldsAreAskedWhetherTheyExist", FieldsAreAskedWhetherTheyExist},
    {"TheIndexTellsItsState", TheIndexTellsItsState},
    {"SearchesAreExplainedWhenAsked", SearchesAreExplainedWhenAsked},
};

}  // namespace

std::span<const MetadataCase> MetadataOverviewCases() { return kCases; }

}  // namespace seshat::conformance
