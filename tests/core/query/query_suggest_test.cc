#include "core/query/query_suggest.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/query/query_limits.h"
#include "core/query/query_parser.h"
#include "support/generators.h"
#include "support/search_maker.h"

namespace seshat::query {
namespace {

// "prefix [what fits] @begin-end"; the cursor is the '|' of the text.
std::string At(std::string text) {
  const size_t cursor = text.find('|');
  text.erase(cursor, 1);
  const auto point = SuggestAt(text, cursor);
  std::string out = "'" + point.prefix + "'";
  if (point.values) out += " values";
  if (point.operators) out += " operators";
  if (!point.field.empty()) out += " of " + point.field;
  if (point.junctions) out += " and/or";
  if (point.negation) out += " not";
  if (point.to) out += " to";
  if (point.fields) out += point.field_signs ? " fields" : " names";
  return out + fmt::format(" @{}-{}", point.begin, point.end);
}

TEST(SuggestAtTest, KnowsWhatTheGrammarAllows) {
  EXPECT_EQ(At("|"), "'' not fields @0-0");
  EXPECT_EQ(At("te|"), "'te' not fields @0-2");
  EXPECT_EQ(At("te|mp"), "'te' not fields @0-4");
  EXPECT_EQ(At("te|mp:5"), "'te' not fields @0-4");
  EXPECT_EQ(At("temp |"), "'' operators of temp and/or not fields @5-5");
  EXPECT_EQ(At("rig:|"), "'' values of rig @4-4");
  EXPECT_EQ(At("rig: |"), "'' values of rig @5-5");
  EXPECT_EQ(At("rig:be|nch and x"), "'be' values of rig @4-9");
  EXPECT_EQ(At("rig:\"left mo|"), "'left mo' values of rig @4-12");
  EXPECT_EQ(At("rig = |"), "'' values of rig @6-6");
  EXPECT_EQ(At("temp >= 2|"), "'2' values of temp @8-9");
  EXPECT_EQ(At("rig:a |"), "'' and/or not fields @6-6");
  EXPECT_EQ(At("rig:a an|"), "'an' values of rig and/or not fields @6-8");
  EXPECT_EQ(At("rig:a and |"), "'' not fields @10-10");
  EXPECT_EQ(At("not t|"), "'t' not fields @4-5");
  EXPECT_EQ(At("-t|"), "'t' not fields @1-2");
  EXPECT_EQ(At("(a or b|"), "'b' not fields @6-7");
  EXPECT_EQ(At("(a or b) |"), "'' and/or not fields @9-9");
  EXPECT_EQ(At("rig:(a or b|"), "'b' values of rig not fields @10-11");
  EXPECT_EQ(At("temp:[2|"), "'2' values of temp @6-7");
  EXPECT_EQ(At("temp:[20 |"), "'' to @9-9");
  EXPECT_EQ(At("temp:[20 TO |"), "'' values of temp @12-12");
  EXPECT_EQ(At("_exists_:r|"), "'r' names @9-10");
  EXPECT_EQ(At("\"Firmware Version\":1|"), "'1' values of Firmware Version @19-20");
  EXPECT_EQ(At("temp > hot and ri|"), "'ri' not fields @15-17");
}

TEST(SuggestAtTest, SaysNothingWhereNothingFits) {
  EXPECT_EQ(At("rig:/be|"), "'' @7-7");
  EXPECT_EQ(At("\"a b\"|"), "'' @5-5");
  EXPECT_EQ(At("be*|"), "'' @3-3");
}

FieldInfo Field(const char* name, uint64_t sessions, bool numbers, const char* unit = "") {
  FieldInfo info;
  info.name = name;
  info.sessions = sessions;
  (numbers ? info.numbers : info.texts) = sessions;
  info.units = {{unit, sessions}};
  return info;
}

const FieldInfo kFields[] = {Field("temp", 40, true, "°C"), Field("temperature", 3, true), Field("rig", 90, false),
                             Field("Firmware Version", 20, false), Field("attempt", 8, true)};
const FacetValue kValues[] = {{"bench-1", 7}, {"bench 2", 9}, {"and", 3}, {"rig-bench", 2}, {"cell", 99}};

std::string Suggested(std::string text, size_t limit = 4) {
  const size_t cursor = text.find('|');
  text.erase(cursor, 1);
  std::string out;
  for (const auto& s : Suggest(SuggestAt(text, cursor), kFields, kValues, limit))
    out += fmt::format("{}{}({}{})", out.empty() ? "" : " ", s.text, s.count, s.type.empty() ? "" : " " + s.type);
  return out;
}

TEST(SuggestTest, RanksFields) {
  EXPECT_EQ(Suggested("te|"), "temp:(40 temperature) temperature:(3 number)");
  EXPECT_EQ(Suggested("temp|"), "temp:(40 temperature) temperature:(3 number) attempt:(8 number)");
  EXPECT_EQ(Suggested("tmep|"), "temp:(40 temperature) temperature:(3 number)");
  EXPECT_EQ(Suggested("vers|"), "\"Firmware Version\":(20 text)");
  EXPECT_EQ(Suggested("started|"), "started_at:(0 date)");
  EXPECT_EQ(Suggested("_exists_:ri|"), "rig(90 text)");
  EXPECT_EQ(Suggested("|", 2), "rig:(90 text) temp:(40 temperature)");
}

TEST(SuggestTest, RanksValues) {
  EXPECT_EQ(Suggested("rig:|", 3), "cell (99) \"bench 2\" (9) bench-1 (7)");
  EXPECT_EQ(Suggested("rig:be|"), "\"bench 2\" (9) bench-1 (7) rig-bench (2)");
  EXPECT_EQ(Suggested("rig:an|"), "\"and\" (3)");
}

TEST(SuggestTest, OffersOperatorsAndKeywords) {
  EXPECT_EQ(Suggested("temp |", 8), "= (0) != (0) > (0) >= (0) < (0) <= (0) AND (0) OR (0)");
  EXPECT_EQ(Suggested("rig |", 3), "= (0) != (0) AND (0)");
  EXPECT_EQ(Suggested("rig:x an|"), "\"and\" (3) AND (0)");
  EXPECT_EQ(Suggested("a no|"), "NOT (0)");
  EXPECT_EQ(Suggested("temp:[20 |"), "TO (0)");
}

// Whatever is chosen, putting it into the text gives a query of which the prefix is still understood.
TEST(SuggestTest, WhatIsPutInParses) {
  for (const std::string text : {"", "te", "rig:", "rig:be", "a and ri", "not r", "rig = "}) {
    const auto point = SuggestAt(text, text.size());
    for (const auto& s : Suggest(point, kFields, kValues)) {
      auto changed = text;
      changed.replace(point.begin, point.end - point.begin, s.text);
      if (s.kind == Suggestion::Kind::kField) changed += "5";
      if (s.kind == Suggestion::Kind::kKeyword) changed += "x";
      EXPECT_TRUE(ParseQuery(changed).has_value()) << changed;
    }
  }
}

RC_GTEST_PROP(SuggestAtProperty, AnyPlaceIsAnswered, (uint64_t seed)) {
  testing::SearchMaker maker(seed, *rc::gen::arbitrary<bool>());
  const auto text = *rc::gen::arbitrary<bool>() ? PrintQuery(maker.AnyQuery()) : *testing::AnyBytes();
  for (size_t cursor = 0; cursor <= text.size() + 1; ++cursor) {
    const auto point = SuggestAt(text, cursor);
    RC_ASSERT(point.begin <= point.end);
    RC_ASSERT(point.end <= text.size());
    RC_ASSERT(point.begin <= std::min(cursor, text.size()));
    RC_ASSERT(point.end >= std::min(cursor, text.size()));
    Suggest(point, kFields, kValues);
  }
}

}  // namespace
}  // namespace seshat::query
