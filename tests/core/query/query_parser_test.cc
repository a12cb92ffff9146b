#include "core/query/query_parser.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <utility>

#include "core/query/query_limits.h"
#include "support/generators.h"
#include "support/search_maker.h"

namespace seshat::query {
namespace {

using testing::SearchMaker;

// Every query with the tree it must give, in the words of the printer (which other tests prove to be exact).
struct Reading {
  std::string query;
  std::string understood;
};

class ReadingTest : public ::testing::TestWithParam<Reading> {};

TEST_P(ReadingTest, IsUnderstood) {
  const auto query = ParseQuery(GetParam().query);
  ASSERT_TRUE(query.has_value()) << GetParam().query << ": " << query.error().Message(GetParam().query);
  EXPECT_EQ(PrintQuery(*query), GetParam().understood) << GetParam().query;
}

INSTANTIATE_TEST_SUITE_P(
    Language, ReadingTest,
    ::testing::Values(
        Reading{"", "*:*"}, Reading{"  \t\n", "*:*"}, Reading{"*", "*:*"}, Reading{"*:*", "*:*"},
        Reading{"sys_name = PX4", "sys_name = PX4"}, Reading{"duration_s > 60", "duration_s > 60"},
        Reading{"duration_s>60", "duration_s > 60"}, Reading{"duration_s: >=60", "duration_s >= 60"},
        Reading{"format:wfdb and not signals:*", "format:wfdb AND NOT _exists_:signals"},
        Reading{"sys_name:PX4 and duration_s > 60 -rig:test*", "sys_name:PX4 AND duration_s > 60 AND NOT rig:test*"},
        Reading{"a b or c", "(a AND b) OR c"}, Reading{"a or b c", "a OR (b AND c)"},
        Reading{"a || b && !c", "a OR (b AND NOT c)"}, Reading{"not a b", "NOT a AND b"},
        Reading{"not (a b)", "NOT (a AND b)"}, Reading{"+a -b", "a AND NOT b"}, Reading{"((a))", "a"},
        Reading{"android nothing", "android AND nothing"}, Reading{"rig: a b", "rig:a OR rig:b"},
        Reading{"rig:a b temp:5 c", "(rig:a OR rig:b) AND (temp = 5 OR temp:c)"},
        Reading{"rig:a sys = b", "rig:a AND sys = b"}, Reading{"rig:(a or b)", "rig:a OR rig:b"},
        Reading{"temp:(>5 and <10 or 42)", "(temp > 5 AND temp < 10) OR temp = 42"},
        Reading{"rig:(a temp:5)", "rig:a AND temp = 5"}, Reading{"temp:25", "temp = 25"},
        Reading{"temp:\\25", "temp:\\25"}, Reading{"temp:-5", "temp = -5"}, Reading{"f:=\"x\"", "f:=\"x\""},
        Reading{"f = \"x y\"", "f = \"x y\""}, Reading{"f:\"x y\"~2", "f:\"x y\"~2"}, Reading{"f != x", "NOT f = x"},
        Reading{"temp:[5 TO 7}", "temp:[5 TO 7}"}, Reading{"temp:{* to 7]", "temp:[* TO 7]"},
        Reading{"temp:[* TO *]", "_exists_:temp"}, Reading{"_exists_:rig", "_exists_:rig"},
        Reading{"started_at:2026-11-23", "started_at = 2026-11-23"},
        Reading{"started_at:2026-11-23T05:50:00Z x", "started_at = 2026-11-23T05:50:00Z OR started_at:x"},
        Reading{"started_at >= 2026-11-23T05:50:00+02:00", "started_at >= 2026-11-23T05:50:00+02:00"},
        Reading{"s3://bucket/a:b", "s3\\://bucket/a\\:b"}, Reading{"path:/data/raw/x", "path:\\/data/raw/x"},
        Reading{"/data/raw/x", "\\/data/raw/x"}, Reading{"/da.a/", "/da.a/"}, Reading{"/a\\/b/", "/a\\/b/"},
        Reading{"path:raw/*.bin", "path:raw/*.bin"}, Reading{"batery~", "batery~"}, Reading{"batery~1^2", "batery~1^2"},
        Reading{"(a or b)^2.5", "(a OR b)^2.5"}, Reading{"((a)^2)^3", "a^6"}, Reading{"~/data", "\\~/data"},
        Reading{"a~b", "a\\~b"}, Reading{"\"Firmware Version\":1.2", "Firmware\\ Version = 1.2"},
        Reading{"f:%", "f = \"%\""}, Reading{"rpm[0] > 5", "rpm[0] > 5"}, Reading{"\\and", "\\and"},
        Reading{"\"and\"", "\"and\""}, Reading{"C++", "C++"}, Reading{"temp > \"25 °C\"", "temp > \"25 °C\""},
        Reading{"f:true", "f:true"}, Reading{"temp > 25 °C", "temp > \"25 °C\""},
        Reading{"v = 3.3 V x", "v = \"3.3 V\" AND x"}, Reading{"v > 3 V:5", "v > 3 AND V = 5"},
        Reading{"v > 3 and V", "v > 3 AND V"}, Reading{"v:[3 V TO 5 V]", "v:[\"3 V\" TO \"5 V\"]"},
        Reading{"v:[3 TO 5V]", "v:[\"3 V\" TO \"5V\"]"}, Reading{"d > 2026-11-23 05:50", "d > \"2026-11-23 05:50\""},
        Reading{"d:2026-11-23 05:50:01 x", "d = \"2026-11-23 05:50:01\" OR d:x"},
        Reading{"d > 2026-11-23 05:x", "d > 2026-11-23 AND 05:x"}, Reading{"temp ≥ 5", "temp >= 5"},
        Reading{"temp≤5 or temp ≠ 3", "temp <= 5 OR NOT temp = 3"}, Reading{"temp == 5", "temp = 5"},
        Reading{"a\\≥b", "a\\≥b"}, Reading{"\\'a'", "\\'a'"}));

struct Mistake {
  std::string query;
  size_t position;
  std::string part;  // of the message
};

class MistakeTest : public ::testing::TestWithParam<Mistake> {};

TEST_P(MistakeTest, IsExplained) {
  const auto query = ParseQuery(GetParam().query);
  ASSERT_FALSE(query.has_value()) << GetParam().query << " was read as " << PrintQuery(*query);
  EXPECT_EQ(query.error().position, GetParam().position) << query.error().Message(GetParam().query);
  EXPECT_NE(query.error().Message(GetParam().query).find(GetParam().part), std::string::npos)
      << query.error().Message(GetParam().query);
  EXPECT_FALSE(query.error().expected.empty());
}

INSTANTIATE_TEST_SUITE_P(Language, MistakeTest,
                         ::testing::Values(Mistake{"rig:", 4, "expected a value, found the end of the query"},
                                           Mistake{"rig: and b", 5, "expected a value, found 'and'"},
                                           Mistake{"(a", 2, "')' for the '('"}, Mistake{"a)", 1, "found ')'"},
                                           Mistake{"a and", 5, "field:value"}, Mistake{"or a", 0, "in quotes"},
                                           Mistake{"\"a b", 4, "closing '\"'"},
                                           Mistake{"temp > hot", 7, "a number or a date after '>', found 'hot'"},
                                           Mistake{"temp > hot", 7, "temp = \"…\" for a text"},
                                           Mistake{"temp:[1 2]", 8, "TO"}, Mistake{"temp:[1 TO 2", 12, "']' or '}'"},
                                           Mistake{"temp:[a TO b]", 6, "a number, a date or *"},
                                           Mistake{"a^0", 1, "above 0"}, Mistake{"te*p:5", 0, "without '*'"},
                                           Mistake{"--- ", 4, "field:value"}, Mistake{"%", 0, "a letter or a digit"},
                                           Mistake{"/(/", 0, "regular expression"}, Mistake{"word~3", 0, "at most 2"},
                                           Mistake{"\"a b\"~", 0, "up to 1000"}, Mistake{"not", 3, "field:value"},
                                           Mistake{"_exists_:", 9, "a field name"}, Mistake{"= 5", 0, "field:value"}));

TEST(QueryParserTest, NamesTheColumnInCodePoints) {
  const std::string text = "séance:";
  EXPECT_EQ(ParseQuery(text).error().Message(text).substr(0, 9), "column 8:");
  EXPECT_EQ(ParseQuery(text).error().ToError(text).code, ErrorCode::kInvalidArgument);
}

TEST(QueryParserTest, LimitsAreKept) {
  std::string clauses;
  for (size_t i = 0; i < kMaxQueryClauses; ++i) clauses += "a ";
  EXPECT_TRUE(ParseQuery(clauses).has_value());
  EXPECT_FALSE(ParseQuery(clauses + "a").has_value());
  EXPECT_FALSE(ParseQuery("f: " + clauses + "a").has_value());

  const auto nested = [](size_t levels) { return std::string(levels, '(') + "a" + std::string(levels, ')'); };
  EXPECT_TRUE(ParseQuery(nested(kMaxQueryDepth - 1)).has_value());
  EXPECT_FALSE(ParseQuery(nested(kMaxQueryDepth)).has_value());
  EXPECT_TRUE(ParseQuery(std::string(kMaxQueryDepth - 1, '-') + "a").has_value());
  EXPECT_FALSE(ParseQuery(std::string(kMaxQueryDepth, '-') + "a").has_value());
  EXPECT_FALSE(ParseQuery(std::string(8000, '(')).has_value());

  EXPECT_TRUE(ParseQuery(std::string(kMaxQueryBytes, 'a')).has_value());
  EXPECT_FALSE(ParseQuery(std::string(kMaxQueryBytes + 1, 'a')).has_value());
}

RC_GTEST_PROP(QueryParserTest, PrintedTreesParseToThemselves, (uint64_t seed)) {
  SearchMaker maker(seed, *rc::gen::arbitrary<bool>());
  for (int i = 0; i < 20; ++i) {
    const Query query = maker.AnyQuery();
    const auto text = PrintQuery(query);
    const auto again = ParseQuery(text);
    RC_LOG() << text << "\n";
    if (!again) RC_FAIL(again.error().Message(text));
    RC_ASSERT(*again == query);
  }
}

RC_GTEST_PROP(QueryParserTest, WhatParsesPrintsToItsEqual, (uint64_t seed)) {
  // Texts of the language's own characters, so that many of them are queries.
  SearchMaker maker(seed, true);
  for (int i = 0; i < 50; ++i) {
    std::string text;
    for (size_t n = maker.Below(8); n > 0; --n)
      text += maker.Field() + (maker.Chance(2) ? ":" : " ") + maker.ValueText();
    const auto query = ParseQuery(text);
    if (!query) {
      RC_ASSERT(query.error().position <= text.size());
      continue;
    }
    RC_ASSERT(CheckQuery(*query).has_value());
    const auto printed = PrintQuery(*query);
    RC_LOG() << text << "\n" << printed << "\n";
    const auto again = ParseQuery(printed);
    RC_ASSERT(again.has_value());
    RC_ASSERT(*again == *query);
  }
}

RC_GTEST_PROP(QueryParserTest, AnyBytesAreAnswered, ()) {
  const auto text = *testing::AnyBytes();
  const auto query = ParseQuery(text);
  if (!query) {
    RC_ASSERT(query.error().position <= text.size());
    RC_ASSERT(!query.error().Message(text).empty());
  } else {
    RC_ASSERT(ParseQuery(PrintQuery(*query)).value() == *query);
  }
}

}  // namespace
}  // namespace seshat::query
