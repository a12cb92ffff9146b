#include <algorithm>
#include <vector>

#include "conformance/metadata_store/metadata_store_cases.h"
#include "core/query/query_limits.h"

namespace seshat::conformance {
namespace {

void FixedFieldsAreSearchable(MetadataStoreHarness& h) {
  auto a = Session("a", {}, 5);
  a.source = "bench";
  a.bytes = 1000;
  a.file_count = 1;
  a.files.push_back({"raw/motor.bin", "a/raw/motor.bin", 1000, {}, {}});
  a.files[0].results.push_back({"statistics", "1", "failed", "k", "no", {}});
  auto b = Session("b", {}, 0);
  b.state = "partial";
  b.metadata_state = "missing";
  if (!Put(h.store(), {a, b})) return;
  for (const char* query :
       {"session_id = a", "source = BENCH", "state = complete", "metadata_state:present",
        "started_at > 2026-11-23T00:01", "ended_at = 2026-11-23T00:06:00Z", "migrated_at >= 2026-11-23T00:06",
        "bytes > 999", "bytes:1000", "file_count = 1", "path = raw/motor.bin", "path:motor", "processor = statistics",
        "outcome = failed", "not state = partial", "_exists_:outcome"})
    EXPECT_EQ(Found(h.store(), query), "a") << query;
  EXPECT_EQ(Found(h.store(), "started_at:2026-11-23"), "a b");
  EXPECT_EQ(Found(h.store(), "not _exists_:path and metadata_state = missing"), "b");
}

void EqualIgnoresCase(MetadataStoreHarness& h) {
  if (!Put(h.store(), {Session("a", {{"Sys_Name", "PX4"}}), Session("b", {{"sys_name", "px4 pro"}}),
                       Session("c", {{"site", "ÉTÉ"}}), Session("d", {{"site", "ete"}})}))
    return;
  EXPECT_EQ(Found(h.store(), "sys_name = px4"), "a");
  EXPECT_EQ(Found(h.store(), "SYS_NAME = \"PX4 PRO\""), "b");
  EXPECT_EQ(Found(h.store(), "site = été"), "c");  // case, not accents
  EXPECT_EQ(Found(h.store(), "site = \"e\xCC\x81te\xCC\x81\""), "c");
}

void ExactlyIsByteForByte(MetadataStoreHarness& h) {
  if (!Put(h.store(), {Session("a", {{"rig", "PX4"}}), Session("b", {{"rig", "px4"}}), Session("c", {{"rig", "5"}}),
                       Session("d", {{"rig", "5.0"}})}))
    return;
  EXPECT_EQ(Found(h.store(), "rig:=\"px4\""), "b");
  EXPECT_EQ(Found(h.store(), "rig:=\"5\""), "c");
  EXPECT_EQ(Found(h.store(), "rig:=\"Px4\""), "");
}

void NumbersEqualNumbers(MetadataStoreHarness& h) {
  if (!Put(h.store(), {Session("a", {{"n", "5"}}), Session("b", {{"n", "5.0"}}), Session("c", {{"n", "5 V"}}),
                       Session("d", {{"n", "005"}}), Session("e", {{"n", "9007199254740993"}}),
                       Session("f", {{"n", "9007199254740992"}})}))
    return;
  EXPECT_EQ(Found(h.store(), "n = 5"), "a b c");
  EXPECT_EQ(Found(h.store(), "n = \"5.0 V\""), "a b c");
  EXPECT_EQ(Found(h.store(), "n = 005"), "d");
  EXPECT_EQ(Found(h.store(), "n = 9007199254740993"), "e");
  EXPECT_EQ(Found(h.store(), "n > 9007199254740992"), "e");
  EXPECT_EQ(Found(h.store(), "n >= 9007199254740992"), "e f");
}

void UnitsOfAFamilyAreConverted(MetadataStoreHarness& h) {
  if (!Put(h.store(),
           {Session("a", {{"v", "500 mV"}}), Session("b", {{"v", "3.3 V"}}), Session("c", {{"v", "3300mV"}}),
            Session("d", {{"v", "3.3 A"}}), Session("e", {{"v", "3.3"}}), Session("f", {{"t", "25 °C"}}),
            Session("g", {{"t", "77 °F"}}), Session("h", {{"t", "300 K"}}), Session("i", {{"d", "90 m"}}),
            Session("j", {{"d", "1h30m"}}), Session("k", {{"d", "0.09 km"}}), Session("l", {{"w", "3 widgets"}})}))
    return;
  EXPECT_EQ(Found(h.store(), "v = 3.3V"), "b c e");
  EXPECT_EQ(Found(h.store(), "v = 3.3"), "b d e");
  EXPECT_EQ(Found(h.store(), "v < 1V"), "a");
  EXPECT_EQ(Found(h.store(), "v >= 3300mV"), "b c e");
  EXPECT_EQ(Found(h.store(), "v:[0.4V TO 4000mV]"), "a b c e");
  EXPECT_EQ(Found(h.store(), "t = 25°C"), "f g");
  EXPECT_EQ(Found(h.store(), "t > 298K"), "f g h");
  EXPECT_EQ(Found(h.store(), "d = 1.5h"), "i j");
  EXPECT_EQ(Found(h.store(), "d = 90m"), "i j k");
  EXPECT_EQ(Found(h.store(), "w < \"4 widgets\""), "l");
  EXPECT_EQ(Found(h.store(), "w < \"4 gadgets\""), "");
  const Query mixed{Range{"d", Bound{metadata::TypeValue("5 cm")}, Bound{metadata::TypeValue("2 h")}}};
  EXPECT_EQ(Found(h.store(), mixed), "");  // a metre is no minute
}

void NumbersWithoutUnitAreInTheBaseUnit(MetadataStoreHarness& h) {
  if (!Put(h.store(), {Session("a", {{"duration_s", "300"}}), Session("b", {{"duration_s", "900"}}),
                       Session("c", {{"fs", "250"}}), Session("d", {{"fs", "0.1 kHz"}})}))
    return;
  EXPECT_EQ(Found(h.store(), "duration_s > 10min"), "b");
  EXPECT_EQ(Found(h.store(), "duration_s = 5min"), "a");
  EXPECT_EQ(Found(h.store(), "duration_s:[4min TO 1000s]"), "a b");
  EXPECT_EQ(Found(h.store(), "duration_s:[1 TO 10min}"), "a");
  EXPECT_EQ(Found(h.store(), "fs > 0.2kHz"), "c");
  EXPECT_EQ(Found(h.store(), "fs > 0.2"), "c");  // as it is written
}

void SizesOfSessionsHaveUnits(MetadataStoreHarness& h) {
  auto big = Session("big", {});
  big.bytes = 3'000'000;
  auto small = Session("small", {});
  small.bytes = 2048;
  if (!Put(h.store(), {big, small})) return;
  EXPECT_EQ(Found(h.store(), "bytes > 1MB"), "big");
  EXPECT_EQ(Found(h.store(), "bytes = 2KiB"), "small");
  EXPECT_EQ(Found(h.store(), "bytes <= 2048"), "small");
}

void OneKeyMayBeNumberAndText(MetadataStoreHarness& h) {
  if (!Put(h.store(), {Session("a", {{"k", "7"}}), Session("b", {{"k", "seven"}}), Session("c", {{"k", "7 of 9"}}),
                       Session("d", {{"k", "2026-11-23"}})}))
    return;
  EXPECT_EQ(Found(h.store(), "k:7"), "a");
  EXPECT_EQ(Found(h.store(), "k:seven"), "b");
  EXPECT_EQ(Found(h.store(), "k:\"7 of 9\""), "c");
  EXPECT_EQ(Found(h.store(), "k >= 7"), "a");
  EXPECT_EQ(Found(h.store(), "k >= 2026-01-01"), "d");
  EXPECT_EQ(Found(h.store(), "_exists_:k"), "a b c d");
}

void EveryRepeatedKeyCounts(MetadataStoreHarness& h) {
  if (!Put(h.store(), {Session("a", {{"op", "ann"}, {"op", "bob"}, {"Op", "cy"}, {"n", "1"}, {"n", "10"}})})) return;
  for (const char* query : {"op = ann", "op = bob", "op:cy", "op:ann op:bob", "n = 1 and n = 10"})
    EXPECT_EQ(Found(h.store(), query), "a") << query;
  EXPECT_EQ(Found(h.store(), "n > 4 and n < 6"), "a");  // by different values
  EXPECT_EQ(Found(h.store(), "n:[4 TO 6]"), "");        // by one
}

void OrderingsAndRangesOfNumbers(MetadataStoreHarness& h) {
  if (!Put(h.store(), {Session("a", {{"n", "-1.5"}}), Session("b", {{"n", "0"}}), Session("c", {{"n", "2"}}),
                       Session("d", {{"n", "1e3"}})}))
    return;
  EXPECT_EQ(Found(h.store(), "n < 2"), "a b");
  EXPECT_EQ(Found(h.store(), "n <= 2"), "a b c");
  EXPECT_EQ(Found(h.store(), "n > 0"), "c d");
  EXPECT_EQ(Found(h.store(), "n >= 0"), "b c d");
  EXPECT_EQ(Found(h.store(), "n:[0 TO 2]"), "b c");
  EXPECT_EQ(Found(h.store(), "n:{0 TO 2]"), "c");
  EXPECT_EQ(Found(h.store(), "n:[0 TO 2}"), "b");
  EXPECT_EQ(Found(h.store(), "n:[* TO -1]"), "a");
  EXPECT_EQ(Found(h.store(), "n:[3 TO *]"), "d");
  EXPECT_EQ(Found(h.store(), "n:[2 TO 0]"), "");
}

void OrderingsAndRangesOfDates(MetadataStoreHarness& h) {
  if (!Put(h.store(),
           {Session("a", {{"day", "2026-11-22T23:59:59.999Z"}}), Session("b", {{"day", "2026-11-23"}}),
            Session("c", {{"day", "2026-11-23T12:00:00+02:00"}}), Session("d", {{"day", "2026-11-24T00:00:00Z"}})}))
    return;
  EXPECT_EQ(Found(h.store(), "day:2026-11-23"), "b c");
  EXPECT_EQ(Found(h.store(), "day > 2026-11-23"), "d");
  EXPECT_EQ(Found(h.store(), "day <= 2026-11-23"), "a b c");
  EXPECT_EQ(Found(h.store(), "day < 2026-11-23"), "a");
  EXPECT_EQ(Found(h.store(), "day = 2026-11-23T10:00:00Z"), "c");
  EXPECT_EQ(Found(h.store(), "day:[2026-11-23T06:00:00Z TO 2026-11-24}"), "c");
}

void OrderingsNeverLookAtText(MetadataStoreHarness& h) {
  if (!Put(h.store(), {Session("a", {{"n", "zzz"}}), Session("b", {{"n", "007"}}), Session("c", {{"n", "nan"}}),
                       Session("d", {{"n", "7"}})}))
    return;
  EXPECT_EQ(Found(h.store(), "n >= -1e300"), "d");
  EXPECT_EQ(Found(h.store(), "n:[-1e300 TO 1e300]"), "d");
  Query text{Compare{"n", CompareOp::kGreater, metadata::TypeValue("a")}};
  EXPECT_EQ(Found(h.store(), text), "");
}

void ExistsAsksForTheKey(MetadataStoreHarness& h) {
  if (!Put(h.store(), {Session("a", {{"Rig", ""}}), Session("b", {{"other", "rig"}})})) return;
  EXPECT_EQ(Found(h.store(), "_exists_:rig"), "a");
  EXPECT_EQ(Found(h.store(), "other:*"), "b");
}

void NotIncludesSessionsWithoutTheField(MetadataStoreHarness& h) {
  if (!Put(h.store(), {Session("a", {{"rig", "x"}}), Session("b", {{"rig", "y"}}), Session("c", {})})) return;
  EXPECT_EQ(Found(h.store(), "not rig = x"), "b c");
  EXPECT_EQ(Found(h.store(), "rig:* and not rig = x"), "b");
  EXPECT_EQ(Found(h.store(), "not not rig = x"), "a");
  EXPECT_EQ(Found(h.store(), "not *:*"), "");
}

void AndOrNotNest(MetadataStoreHarness& h) {
  if (!Put(h.store(), {Session("a", {{"x", "1"}, {"y", "1"}}), Session("b", {{"x", "1"}, {"y", "2"}}),
                       Session("c", {{"x", "2"}, {"y", "1"}}), Session("d", {{"x", "2"}, {"y", "2"}})}))
    return;
  EXPECT_EQ(Found(h.store(), "x:1 y:1"), "a");
  EXPECT_EQ(Found(h.store(), "x:1 or y:1"), "a b c");
  EXPECT_EQ(Found(h.store(), "(x:1 or y:1) and not (x:1 and y:1)"), "b c");
  EXPECT_EQ(Found(h.store(), "not (x:1 or y:1) or (x:1 y:1)"), "a d");
  EXPECT_EQ(Found(h.store(), Query{AllOf{}}), "a b c d");
  EXPECT_EQ(Found(h.store(), Query{AnyOf{}}), "");
}

void WordsAndPhrases(MetadataStoreHarness& h) {
  if (!Put(h.store(),
           {Session("a", {{"notes", "Left rear-motor at Zürich"}}), Session("b", {{"notes", "motor, rear left"}}),
            Session("c", {{"notes", "left"}, {"more", "rear motor"}})}))
    return;
  EXPECT_EQ(Found(h.store(), "MOTOR"), "a b c");
  EXPECT_EQ(Found(h.store(), "zurich"), "a");
  EXPECT_EQ(Found(h.store(), "moto"), "");
  EXPECT_EQ(Found(h.store(), "notes:motor"), "a b");
  EXPECT_EQ(Found(h.store(), "rear-motor"), "a c");
  EXPECT_EQ(Found(h.store(), "\"left rear\""), "a");  // never across two values
  EXPECT_EQ(Found(h.store(), "\"left motor\""), "");
  EXPECT_EQ(Found(h.store(), "\"left motor\"~1"), "a");
  EXPECT_EQ(Found(h.store(), "notes:\"rear left\""), "b");
  EXPECT_EQ(Found(h.store(), "left motor"), "a b c");
}

void TextsWithoutAFieldLookAtKeysPathsAndIds(MetadataStoreHarness& h) {
  auto a = Session("flight-7", {{"airframe_type", "quad"}});
  a.files.push_back({"log/vibration.ulg", "k", 1, {}, {}});
  if (!Put(h.store(), {a})) return;
  for (const char* query : {"flight", "\"flight 7\"", "airframe", "vibration", "quad", "\"rig 1\""})
    EXPECT_EQ(Found(h.store(), query), "flight-7") << query;
  EXPECT_EQ(Found(h.store(), "complete"), "");
}

void PatternsAsCapabilitiesSay(MetadataStoreHarness& h) {
  if (!Put(h.store(), {Session("a", {{"rig", "bench-01 Zürich"}}), Session("b", {{"rig", "battery"}})})) return;
  struct Expectation {
    bool able;
    const char* query;
    const char* found;
  };
  const auto& can = h.store().capabilities();
  const Expectation expectations[] = {
      {can.wildcard, "rig:BENCH-*", "a"}, {can.wildcard, "z?r*", "a"},     {can.wildcard, "b*", "a b"},
      {can.wildcard, "rig:bat", ""},      {can.fuzzy, "batery~", "b"},     {can.fuzzy, "rig:benhc~1", "a"},
      {can.fuzzy, "bttrey~1", ""},        {can.regex, "/ba(t+)ery/", "b"}, {can.regex, "rig:/bench-[0-9]+ .*/", "a"}};
  for (const auto& e : expectations) {
    const auto found = Found(h.store(), e.query);
    if (e.able) {
      EXPECT_EQ(found, e.found) << e.query;
    } else if (*e.found != '\0') {
      EXPECT_TRUE(found.starts_with("unsupported")) << e.query << ": " << found;
    }
  }
}

void AnUnknownFieldHasNoHits(MetadataStoreHarness& h) {
  if (!Put(h.store(), {Session("a", {{"rig", "x"}})})) return;
  for (const char* query : {"nowhere:x", "nowhere = x", "nowhere > 5", "nowhere:[1 TO 2]", "_exists_:nowhere"})
    EXPECT_EQ(Found(h.store(), query), "") << query;
  EXPECT_EQ(Found(h.store(), "not nowhere:x"), "a");
}

void QueriesBeyondTheLimitsAreRefused(MetadataStoreHarness& h) {
  if (!Put(h.store(), {Session("a", {})})) return;
  const auto clauses = [](size_t count) { return Query{AnyOf{std::vector<Query>(count)}}; };
  const auto deep = [](size_t levels) {
    Query query;
    for (size_t i = 1; i < levels; ++i) {
      Not negation;
      negation.clause.push_back(std::move(query));
      query = Query{std::move(negation)};
    }
    return query;
  };
  EXPECT_EQ(Found(h.store(), clauses(query::kMaxQueryClauses)), "a");
  EXPECT_EQ(Found(h.store(), deep(query::kMaxQueryDepth - 1)), "a");  // an even number of negations
  const Query refused[] = {clauses(query::kMaxQueryClauses + 1), deep(query::kMaxQueryDepth + 1), Query{Not{}},
                           Query{Text{std::nullopt, TextMatch::kFuzzy, "a", 3}}};
  for (const auto& query : refused) EXPECT_TRUE(Found(h.store(), query).starts_with("invalid_argument"));
  SearchRequest request;
  request.limit = 10'001;
  EXPECT_FALSE(h.store().Search(request).has_value());
  request.limit = 1;
  request.sort.by = SortOrder::By::kField;
  EXPECT_FALSE(h.store().Search(request).has_value());
}

void HostileKeysAndValuesAreFound(MetadataStoreHarness& h) {
  const std::string texts[] = {"a.b.c",
                               "__proto__",
                               "constructor",
                               "'; DROP TABLE session; --",
                               "\"quoted\" \\ back",
                               "%_*?[]{}()",
                               std::string("nul\0inside", 10),
                               "\xF0\x9F\x9A\x80 \xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D",
                               "NEAR(a b) AND NOT \"",
                               " blank ",
                               "line\nbreak\ttab",
                               "$where",
                               "-"};
  int i = 0;
  for (const auto& text : texts) {
    auto document = Session("s" + std::to_string(i++), {});
    document.metadata.push_back({text, metadata::TypeValue(text)});
    document.metadata.push_back({"common", metadata::TypeValue(text)});
    if (!Put(h.store(), {document})) return;
    const auto id = document.session_id;
    EXPECT_EQ(h.store().Get(id), document) << id;
    EXPECT_EQ(Found(h.store(), Query{Compare{text, CompareOp::kEqual, metadata::TypeValue(text)}}), id);
    EXPECT_EQ(Found(h.store(), Query{Compare{"common", CompareOp::kExactly, metadata::TypeValue(text)}}), id);
    EXPECT_EQ(Found(h.store(), Query{Exists{text}}), id);
  }
  EXPECT_EQ(Found(h.store(), "common:inside"), "s6");
  const auto hostile = [&](const char* text) {
    return Found(h.store(), Query{Text{std::nullopt, TextMatch::kPhrase, text}});
  };
  EXPECT_EQ(hostile("\" OR \"1\"=\"1"), "");
  EXPECT_EQ(hostile("drop table session"), "s3");
  EXPECT_EQ(hostile("' \" ) *"), "");
}

void AMegabyteIsAValueLikeAnyOther(MetadataStoreHarness& h) {
  auto document = Session("a", {});
  document.metadata.push_back({"notes", metadata::TypeValue(std::string(1 << 20, 'x') + " end")});
  if (!Put(h.store(), {document, Session("b", {{"notes", "x"}})})) return;
  EXPECT_EQ(h.store().Get("a"), document);
  EXPECT_EQ(Found(h.store(), "notes:end"), "a");
  EXPECT_EQ(Found(h.store(), Query{Compare{"notes", CompareOp::kExactly, document.metadata[0].value}}), "a");
}

void ThousandsOfKeysAreFieldsLikeAnyOther(MetadataStoreHarness& h) {
  constexpr int kKeys = 5'000;
  auto many = Session("many", {});
  for (int i = 0; i < kKeys; ++i)
    many.metadata.push_back({fmt::format("key.{} of many", i), metadata::TypeValue(fmt::format("value {}", i))});
  if (!Put(h.store(), {many, Session("few", {{"key.7 of many", "7"}})})) return;
  for (int i = 7; i < kKeys; i += 1'248) {
    const auto key = fmt::format("KEY.{} of many", i);
    EXPECT_EQ(Found(h.store(), Query{Compare{key, CompareOp::kEqual, metadata::TypeValue(fmt::format("Value {}", i))}}),
              "many");
    EXPECT_EQ(Found(h.store(), Query{Exists{key}}), i == 7 ? "few many" : "many");
  }
  const auto fields = h.store().Fields({});
  ASSERT_TRUE(fields.has_value());
  EXPECT_EQ(fields->size(), static_cast<size_t>(kKeys));
  EXPECT_EQ(h.store().Get("many"), many);
}

// One letter, or a letter and its accent: two texts as written, and the same word and field.
void TwinsOfUnicodeAreTheSameWords(MetadataStoreHarness& h) {
  const std::string composed = "Z\u00FCrich";
  const std::string decomposed = "Zu\u0308rich";
  auto a = Session("a", {{"site", composed}});
  a.metadata.push_back({composed, metadata::TypeValue("1")});
  auto b = Session("b", {{"site", decomposed}});
  b.metadata.push_back({decomposed, metadata::TypeValue("2")});
  if (!Put(h.store(), {a, b})) return;
  for (const char* query : {"site:zurich", "site:ZU\u0308RICH", "site:z\u00FCrich", "z\u00FCr*", "site:zurihc~"})
    EXPECT_EQ(Found(h.store(), query), "a b") << query;
  EXPECT_EQ(Found(h.store(), Query{Compare{"site", CompareOp::kExactly, metadata::TypeValue(composed)}}), "a");
  EXPECT_EQ(Found(h.store(), Query{Compare{"site", CompareOp::kExactly, metadata::TypeValue(decomposed)}}), "b");
  EXPECT_EQ(Found(h.store(), Query{Exists{composed}}), "a b");
  EXPECT_EQ(Found(h.store(), Query{Exists{decomposed}}), "a b");
  EXPECT_EQ(h.store().Get("b"), b);
}

constexpr MetadataCase kCases[] = {
    {"FixedFieldsAreSearchable", FixedFieldsAreSearchable},
    {"EqualIgnoresCase", EqualIgnoresCase},
    {"ExactlyIsByteForByte", ExactlyIsByteForByte},
    {"NumbersEqualNumbers", NumbersEqualNumbers},
    {"UnitsOfAFamilyAreConverted", UnitsOfAFamilyAreConverted},
    {"NumbersWithoutUnitAreInTheBaseUnit", NumbersWithoutUnitAreInTheBaseUnit},
    {"SizesOfSessionsHaveUnits", SizesOfSessionsHaveUnits},
    {"OneKeyMayBeNumberAndText", OneKeyMayBeNumberAndText},
    {"EveryRepeatedKeyCounts", EveryRepeatedKeyCounts},
    {"OrderingsAndRangesOfNumbers", OrderingsAndRangesOfNumbers},
    {"OrderingsAndRangesOfDates", OrderingsAndRangesOfDates},
    {"OrderingsNeverLookAtText", OrderingsNeverLookAtText},
    {"ExistsAsksForTheKey", ExistsAsksForTheKey},
    {"NotIncludesSessionsWithoutTheField", NotIncludesSessionsWithoutTheField},
    {"AndOrNotNest", AndOrNotNest},
    {"WordsAndPhrases", WordsAndPhrases},
    {"TextsWithoutAFieldLookAtKeysPathsAndIds", TextsWithoutAFieldLookAtKeysPathsAndIds},
    {"PatternsAsCapabilitiesSay", PatternsAsCapabilitiesSay},
    {"AnUnknownFieldHasNoHits", AnUnknownFieldHasNoHits},
    {"QueriesBeyondTheLimitsAreRefused", QueriesBeyondTheLimitsAreRefused},
    {"HostileKeysAndValuesAreFound", HostileKeysAndValuesAreFound},
    {"AMegabyteIsAValueLikeAnyOther", AMegabyteIsAValueLikeAnyOther},
    {"ThousandsOfKeysAreFieldsLikeAnyOther", ThousandsOfKeysAreFieldsLikeAnyOther},
    {"TwinsOfUnicodeAreTheSameWords", TwinsOfUnicodeAreTheSameWords},
};

}  // namespace

std::span<const MetadataCase> MetadataQueryCases() { return kCases; }

}  // namespace seshat::conformance
