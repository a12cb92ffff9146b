#include "ports/reference/broken_metadata_stores.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "core/query/document_fields.h"
#include "ports/reference/reference_metadata_store.h"
#include "ports/search_request.h"

namespace seshat::testing {
namespace {

using conformance::BrokenAdapter;
using conformance::MetadataStoreHarness;

// What is wrong: each hook may be empty.
struct Wrong {
  std::function<Status(MetadataStore&, std::span<const SessionDocument>)> upsert;
  std::function<void(SessionDocument&)> document;  // as it is stored
  std::function<void(Query&)> query;               // each node, leaves first
  std::function<Result<SearchPage>(MetadataStore&, SearchRequest)> search;
  std::function<Result<SessionDocument>(MetadataStore&, std::string_view)> get;
  std::function<void(std::vector<FieldInfo>&)> fields;
  std::function<void(IndexStatus&)> status;
  std::function<Result<std::string>(std::unique_ptr<MetadataStore>&)> begin;
  std::function<Status(MetadataStore&, std::string_view)> finish;
};

void Change(Query& query, const std::function<void(Query&)>& change) {
  const auto all = [&](std::vector<Query>& clauses) {
    for (auto& clause : clauses) Change(clause, change);
  };
  if (auto* node = std::get_if<AllOf>(&query.node)) all(node->clauses);
  if (auto* node = std::get_if<AnyOf>(&query.node)) all(node->clauses);
  if (auto* node = std::get_if<Not>(&query.node)) all(node->clause);
  change(query);
}

class BrokenStore : public MetadataStore {
 public:
  explicit BrokenStore(Wrong wrong) : wrong_(std::move(wrong)), inner_(reference::MakeReferenceMetadataStore()) {}

  const Capabilities& capabilities() const override { return inner_->capabilities(); }
  Status Upsert(std::span<const SessionDocument> documents) override {
    std::vector<SessionDocument> changed(documents.begin(), documents.end());
    if (wrong_.document)
      for (auto& document : changed) wrong_.document(document);
    return wrong_.upsert ? wrong_.upsert(*inner_, changed) : inner_->Upsert(changed);
  }
  Result<SessionDocument> Get(std::string_view id) override {
    return wrong_.get ? wrong_.get(*inner_, id) : inner_->Get(id);
  }
  Result<SearchPage> Search(const SearchRequest& request) override {
    SearchRequest changed = request;
    if (wrong_.query) Change(changed.query, wrong_.query);
    return wrong_.search ? wrong_.search(*inner_, changed) : inner_->Search(changed);
  }
  Result<std::vector<FieldInfo>> Fields(const FieldsOptions& options) override {
    auto fields = inner_->Fields(options);
    if (fields && wrong_.fields) wrong_.fields(*fields);
    return fields;
  }
  Result<IndexStatus> GetStatus() override {
    auto status = inner_->GetStatus();
    if (status && wrong_.status) wrong_.status(*status);
    return status;
  }
  Result<std::string> BeginRebuild() override { return wrong_.begin ? wrong_.begin(inner_) : inner_->BeginRebuild(); }
  Status FinishRebuild(std::string_view token) override {
    return wrong_.finish ? wrong_.finish(*inner_, token) : inner_->FinishRebuild(token);
  }

 private:
  Wrong wrong_;
  std::unique_ptr<MetadataStore> inner_;
};

class BrokenHarness : public MetadataStoreHarness {
 public:
  explicit BrokenHarness(Wrong wrong) : wrong_(std::move(wrong)), store_(std::make_unique<BrokenStore>(wrong_)) {}
  MetadataStore& store() override { return *store_; }
  // Forgets everything.
  bool Restart() override {
    store_ = std::make_unique<BrokenStore>(wrong_);
    return true;
  }

 private:
  Wrong wrong_;
  std::unique_ptr<MetadataStore> store_;
};

BrokenAdapter<MetadataStoreHarness> Broken(const char* name, Wrong wrong, std::vector<std::string_view> found_by) {
  return {name, [wrong = std::move(wrong)] { return std::make_unique<BrokenHarness>(wrong); }, std::move(found_by)};
}

template <typename Node>
auto Edit(const std::function<void(Node&)>& edit) {
  return [edit](Query& query) {
    if (auto* node = std::get_if<Node>(&query.node)) edit(*node);
  };
}

// A store whose pages are numbered places in the list of hits.
Result<SearchPage> SearchByOffset(MetadataStore& store, SearchRequest request) {
  const size_t from = request.cursor.empty() ? 0 : std::strtoull(request.cursor.c_str(), nullptr, 10);
  const size_t limit = request.limit;
  request.cursor.clear();
  request.limit = 10'000;
  auto page = store.Search(request);
  if (!page) return page;
  auto& hits = page->hits;
  hits.erase(hits.begin(), hits.begin() + static_cast<std::ptrdiff_t>(std::min(from, hits.size())));
  if (hits.size() > limit) {
    hits.resize(limit);
    page->next_cursor = std::to_string(from + limit);
  }
  return page;
}

// A store that ranks anew for every page.
Result<SearchPage> SearchWithoutMemory(MetadataStore& store, SearchRequest request) {
  if (auto after = DecodeCursor(request); after && *after) {
    (*after)->shown.clear();
    request.cursor = EncodeCursor(request, **after);
  }
  return store.Search(request);
}

void AddBrokenWriters(std::vector<BrokenAdapter<MetadataStoreHarness>>& out) {
  out.push_back(
      Broken("ForgetsFiles", {.document = [](SessionDocument& d) { d.files.clear(); }},
             {"GetAnswersTheWholeDocument", "FixedFieldsAreSearchable", "TextsWithoutAFieldLookAtKeysPathsAndIds"}));
  out.push_back(Broken("InventsSessions", {.get = [](MetadataStore& s, std::string_view id) -> Result<SessionDocument> {
                         auto got = s.Get(id);
                         return got ? got : SessionDocument{};
                       }},
                       {"AnUnknownSessionIsNotFound"}));
  out.push_back(Broken("TheFirstWins",
                       {.upsert = [](MetadataStore& s, std::span<const SessionDocument> documents) -> Status {
                         for (const auto& d : documents)
                           if (!s.Get(d.session_id)) SESHAT_TRY(s.Upsert(std::span(&d, 1)));
                         return {};
                       }},
                       {"ANewerVersionReplacesTheOlder", "ARebuildReplacesEqualVersions"}));
  const auto counter = std::make_shared<std::atomic<uint64_t>>(0);
  out.push_back(Broken("TheLastWins",
                       {.document = [counter](SessionDocument& d) { d.version = (uint64_t{1} << 60) + ++*counter; }},
                       {"AnOlderVersionChangesNothing", "AnEqualVersionIsIgnored", "DuplicatesAndAnyOrderEndAlike",
                        "ARebuildNeverGoesBack"}));
  out.push_back(Broken("KeepsOldValues",
                       {.upsert = [](MetadataStore& s, std::span<const SessionDocument> documents) -> Status {
                         for (SessionDocument d : documents) {
                           if (const auto old = s.Get(d.session_id))
                             d.metadata.insert(d.metadata.end(), old->metadata.begin(), old->metadata.end());
                           SESHAT_TRY(s.Upsert(std::span(&d, 1)));
                         }
                         return {};
                       }},
                       {"OldValuesAreGone"}));
  out.push_back(Broken("RefusesNothing",
                       {.upsert = [](MetadataStore& s, std::span<const SessionDocument> documents) -> Status {
                         if (documents.empty()) return Fail(ErrorCode::kInvalidArgument, "no documents");
                         return s.Upsert(documents);
                       }},
                       {"NothingMayBeUpserted"}));
  out.push_back(Broken("ForgetsAtRestart", {}, {"RestartKeepsEverything"}));
  out.push_back(Broken("NeverRemoves", {.finish = [](MetadataStore&, std::string_view) -> Status { return {}; }},
                       {"ARebuildRemovesWhatWasNotUpserted", "OnlyTheNewestRebuildCanFinish"}));
  out.push_back(Broken("EmptiesAtBegin",
                       {.begin =
                            [](std::unique_ptr<MetadataStore>& s) {
                              s = reference::MakeReferenceMetadataStore();
                              return s->BeginRebuild();
                            }},
                       {"SearchesGoOnDuringARebuild"}));
  out.push_back(Broken("WritesOneByOne",
                       {.upsert = [](MetadataStore& s, std::span<const SessionDocument> documents) -> Status {
                          for (const auto& d : documents) {
                            SESHAT_TRY(s.Upsert(std::span(&d, 1)));
                            SESHAT_TRY(s.Search({}));  // time for a search in between
                          }
                          return {};
                        },
                        .search = [](MetadataStore& s, SearchRequest request) -> Result<SearchPage> {
                          auto page = s.Search(request);
                          if (page && page->total > 3) return Fail(ErrorCode::kUnavailable, "a writer is busy");
                          return page;
                        }},
                       {"SearchesWhileAWriterWrites"}));
}

void AddBrokenValues(std::vector<BrokenAdapter<MetadataStoreHarness>>& out) {
  const auto values = [](auto change) {
    return [change](SessionDocument& d) {
      for (auto& entry : d.metadata) change(entry.value);
    };
  };
  out.push_back(Broken("KnowsNoIntegers",
                       {.document = values([](MetadataValue& v) { v.integer.reset(); }),
                        .query = Edit<Compare>([](Compare& c) { c.value.integer.reset(); })},
                       {"NumbersEqualNumbers"}));
  out.push_back(Broken("KnowsNoNumbers", {.document = values([](MetadataValue& v) {
                                            v.number.reset();
                                            v.integer.reset();
                                          })},
                       {"OneKeyMayBeNumberAndText", "OrderingsAndRangesOfNumbers", "SortsByAField"}));
  out.push_back(Broken("KnowsNoUnits", {.document = values([](MetadataValue& v) { v.unit.clear(); })},
                       {"UnitsOfAFamilyAreConverted", "SortsByTheSizeOfAQuantity", "HistogramsConvertUnits"}));
  out.push_back(Broken("ReadsNoUnitsInQueries", {.query = Edit<Compare>([](Compare& c) { c.value.unit.clear(); })},
                       {"NumbersWithoutUnitAreInTheBaseUnit", "SizesOfSessionsHaveUnits"}));
  out.push_back(Broken("CountsKilobytes", {.document = [](SessionDocument& d) { d.bytes /= 1000; }},
                       {"SizesOfSessionsHaveUnits"}));
  out.push_back(Broken("KnowsNoDates", {.document = values([](MetadataValue& v) { v.date.reset(); })},
                       {"OrderingsAndRangesOfDates"}));
  out.push_back(Broken("TextIsZero", {.document = values([](MetadataValue& v) {
                                        if (!v.number) v.number = 0;
                                      })},
                       {"OrderingsNeverLookAtText"}));
  out.push_back(Broken("OneValueForAKey",
                       {.document =
                            [](SessionDocument& d) {
                              std::map<std::string, MetadataValue> last;
                              for (auto& entry : d.metadata) last[metadata::FoldField(entry.key)] = entry.value;
                              d.metadata.clear();
                              for (auto& [key, value] : last) d.metadata.push_back({key, value});
                            }},
                       {"EveryRepeatedKeyCounts"}));
  out.push_back(
      Broken("CutsLongValues",
             {.document = values([](MetadataValue& v) { v.text.resize(std::min<size_t>(v.text.size(), 32'768)); })},
             {"AMegabyteIsAValueLikeAnyOther"}));
  out.push_back(
      Broken("KeepsAThousandKeys",
             {.document = [](SessionDocument& d) { d.metadata.resize(std::min<size_t>(d.metadata.size(), 1'000)); }},
             {"ThousandsOfKeysAreFieldsLikeAnyOther"}));
  out.push_back(Broken("ComposesLetters", {.document = values([](MetadataValue& v) {
                                             const size_t at = v.text.find("u\u0308");
                                             if (at != std::string::npos)
                                               v = metadata::TypeValue(v.text.replace(at, 3, "\u00FC"));
                                           })},
                       {"TwinsOfUnicodeAreTheSameWords"}));
  out.push_back(Broken("CutsAtNul", {.document = values([](MetadataValue& v) { v.text = v.text.c_str(); })},
                       {"HostileKeysAndValuesAreFound"}));
}

void AddBrokenQueries(std::vector<BrokenAdapter<MetadataStoreHarness>>& out) {
  out.push_back(Broken("LooksAtCase", {.query = Edit<Compare>([](Compare& c) {
                                         if (c.op == CompareOp::kEqual) c.op = CompareOp::kExactly;
                                       })},
                       {"EqualIgnoresCase", "NumbersEqualNumbers"}));
  out.push_back(Broken("LooksAtNoCase", {.query = Edit<Compare>([](Compare& c) {
                                           if (c.op == CompareOp::kExactly) c.op = CompareOp::kEqual;
                                         })},
                       {"ExactlyIsByteForByte"}));
  out.push_back(Broken("BoundsAlwaysCount", {.query = Edit<Range>([](Range& r) {
                                               if (r.low) r.low->inclusive = true;
                                               if (r.high) r.high->inclusive = true;
                                             })},
                       {"OrderingsAndRangesOfNumbers", "OrderingsAndRangesOfDates"}));
  out.push_back(Broken("EverythingExists",
                       {.query =
                            [](Query& q) {
                              if (std::holds_alternative<Exists>(q.node)) q.node = MatchAll{};
                            }},
                       {"ExistsAsksForTheKey", "AnUnknownFieldHasNoHits"}));
  out.push_back(Broken("NotNeedsTheField",
                       {.query =
                            [](Query& q) {
                              const auto* node = std::get_if<Not>(&q.node);
                              const auto* compare =
                                  node != nullptr ? std::get_if<Compare>(&node->clause[0].node) : nullptr;
                              if (compare != nullptr) q.node = AllOf{{Query{Exists{compare->field}}, Query{*node}}};
                            }},
                       {"NotIncludesSessionsWithoutTheField"}));
  out.push_back(Broken("AndIsOr",
                       {.query =
                            [](Query& q) {
                              if (const auto* node = std::get_if<AllOf>(&q.node)) q.node = AnyOf{node->clauses};
                            }},
                       {"AndOrNotNest"}));
  out.push_back(Broken("PhrasesHaveNoOrder",
                       {.query =
                            [](Query& q) {
                              const auto* text = std::get_if<Text>(&q.node);
                              if (text != nullptr && text->match == TextMatch::kPhrase)
                                q.node = Text{text->field, TextMatch::kFuzzy, text->text, 0};
                            }},
                       {"WordsAndPhrases"}));
  out.push_back(Broken("EveryPatternIsAWord", {.query = Edit<Text>([](Text& t) {
                                                 if (t.match != TextMatch::kPhrase) t.match = TextMatch::kWord;
                                               })},
                       {"PatternsAsCapabilitiesSay"}));
  out.push_back(Broken("KnowsNoLimits", {.search = [](MetadataStore& s, SearchRequest request) -> Result<SearchPage> {
                         auto page = s.Search(request);
                         return page ? page : SearchPage{};
                       }},
                       {"QueriesBeyondTheLimitsAreRefused"}));
}

// A store that answers right and then changes the page.
Wrong Afterwards(const std::function<void(SearchPage&)>& change) {
  return {.search = [change](MetadataStore& s, SearchRequest request) -> Result<SearchPage> {
    auto page = s.Search(request);
    if (page) change(*page);
    return page;
  }};
}

void AddBrokenPages(std::vector<BrokenAdapter<MetadataStoreHarness>>& out) {
  out.push_back(Broken("OldestFirst", Afterwards([](SearchPage& page) { std::ranges::reverse(page.hits); }),
                       {"NewestComeFirst"}));
  out.push_back(Broken("PagesByOffset", {.search = SearchByOffset},
                       {"PagesStayStableWhileDocumentsAreAdded", "RankedPagesStayStableWhileDocumentsAreAdded",
                        "ACursorOfAnotherQueryIsRefused"}));
  out.push_back(Broken("ForgetsWhatItShowed", {.search = SearchWithoutMemory},
                       {"RankedPagesStayStableWhileDocumentsAreAdded", "BehindTheRankedOnesTheOthersFollow"}));
  out.push_back(Broken("SortsByNothing",
                       {.search =
                            [](MetadataStore& s, SearchRequest request) {
                              request.sort = {};
                              return s.Search(request);
                            }},
                       {"SortsByAField", "RelevanceAsCapabilitiesSay", "TheBestComeFirst"}));
  out.push_back(Broken("CountsThePage", Afterwards([](SearchPage& page) { page.total = page.hits.size(); }),
                       {"TotalsCountEveryHit"}));
  out.push_back(Broken("CountsOneTooMany", Afterwards([](SearchPage& page) {
                         for (auto& facet : page.facets)
                           for (auto& value : facet.values) ++value.count;
                       }),
                       {"FacetsCountSessions"}));
}

void AddBrokenOverviews(std::vector<BrokenAdapter<MetadataStoreHarness>>& out) {
  const auto asked = [](const std::function<void(SearchRequest&)>& change) {
    return Wrong{.search = [change](MetadataStore& s, SearchRequest request) {
      change(request);
      return s.Search(request);
    }};
  };
  const auto fields = [](const std::function<void(FieldInfo&)>& change) {
    return Wrong{.fields = [change](std::vector<FieldInfo>& all) {
      for (auto& field : all) change(field);
    }};
  };
  out.push_back(Broken("DrawsOneBarMore", asked([](SearchRequest& r) {
                         for (auto& histogram : r.histograms) histogram.buckets *= 2;
                       }),
                       {"HistogramsOfNumbers", "HistogramsOfDates"}));
  out.push_back(Broken("RepairsHistograms", asked([](SearchRequest& r) {
                         for (auto& histogram : r.histograms) histogram = {.field = "n"};
                       }),
                       {"SenselessHistogramsAreRefused"}));
  out.push_back(Broken("KnowsNoAliases", asked([](SearchRequest& r) { r.aliases.clear(); }),
                       {"AliasesCountAsOneField", "AliasesCountInFacetsAndCursors"}));
  out.push_back(
      Broken("ExplainsNothing", asked([](SearchRequest& r) { r.explain = false; }), {"SearchesAreExplainedWhenAsked"}));
  out.push_back(Broken("ForgetsTypes", fields([](FieldInfo& f) { f.numbers = 0; }), {"FieldsAreListedWithTheirTypes"}));
  out.push_back(
      Broken("ForgetsUnits", fields([](FieldInfo& f) { f.units.clear(); }), {"FieldsAreListedWithTheirTypes"}));
  out.push_back(
      Broken("ForgetsTopValues", fields([](FieldInfo& f) { f.top_values.clear(); }), {"FieldsTellTheirTopValues"}));
  out.push_back(Broken("KnowsFieldsOfNobody",
                       {.fields = [](std::vector<FieldInfo>& all) { all.push_back({.name = "nowhere"}); }},
                       {"FieldsAreAskedWhetherTheyExist"}));
  out.push_back(Broken("IsAlwaysEmpty", {.status = [](IndexStatus& status) { status.documents = 0; }},
                       {"TheIndexTellsItsState"}));
}

}  // namespace

std::vector<BrokenAdapter<MetadataStoreHarness>> BrokenMetadataStores() {
  std::vector<BrokenAdapter<MetadataStoreHarness>> out;
  AddBrokenWriters(out);
  AddBrokenValues(out);
  AddBrokenQueries(out);
  AddBrokenPages(out);
  AddBrokenOverviews(out);
  return out;
}

}  // namespace seshat::testing
