#include "core/query/query_habits.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "core/query/query_parser.h"
#include "support/search_maker.h"

namespace seshat::query {
namespace {

std::string Meant(const std::string& text) { return PrintQuery(AsProbablyMeant(ParseQuery(text).value())); }

TEST(AsProbablyMeantTest, WordsAreComparisons) {
  EXPECT_EQ(Meant("rig is bench"), "rig:bench");
  EXPECT_EQ(Meant("rig is not bench"), "NOT rig:bench");
  EXPECT_EQ(Meant("x rig contains \"left motor\" y"), "x AND rig:\"left motor\" AND y");
  EXPECT_EQ(Meant("rig equals ben*"), "rig:ben*");
  EXPECT_EQ(Meant("temp above 5 or temp below 1"), "temp > 5 OR temp < 1");
  EXPECT_EQ(Meant("started_at since 2026-01-01"), "started_at >= 2026-01-01");
  EXPECT_EQ(Meant("temp above hot"), "temp AND above AND hot");  // nothing to compare with
}

TEST(AsProbablyMeantTest, ListsAndRanges) {
  EXPECT_EQ(Meant("rig:(a, b, c)"), "rig:a OR rig:b OR rig:c");
  EXPECT_EQ(Meant("rig:a,b and x"), "(rig:a OR rig:b) AND x");
  EXPECT_EQ(Meant("n = 2,4"), "n = 2 OR n = 4");
  EXPECT_EQ(Meant("temp:5..9"), "temp:[5 TO 9]");
  EXPECT_EQ(Meant("temp = 5-9"), "temp:[5 TO 9]");
  EXPECT_EQ(Meant("temp = -5"), "temp = -5");
  EXPECT_EQ(Meant("rig:(a b)"), "rig:a AND rig:b");
}

TEST(AsProbablyMeantTest, YearsAndMonthsAreTimes) {
  EXPECT_EQ(Meant("day:2026"), "day:[2026-01-01 TO 2027-01-01}");
  EXPECT_EQ(Meant("day = 2026-12"), "day:[2026-12-01 TO 2027-01-01}");
  EXPECT_EQ(Meant("day = 2026-09"), "day:[2026-09-01 TO 2026-10-01}");
  EXPECT_EQ(Meant("day > 2026"), "day >= 2027-01-01");
  EXPECT_EQ(Meant("day >= 2026"), "day >= 2026-01-01");
  EXPECT_EQ(Meant("day < 2026"), "day < 2026-01-01");
  EXPECT_EQ(Meant("day <= 2026"), "day < 2027-01-01");
  EXPECT_EQ(Meant("day = 2026-13"), "day = 2026-13");
  EXPECT_EQ(Meant("n = 20260"), "n = 20260");
}

TEST(AsProbablyMeantTest, NullIsNothing) {
  EXPECT_EQ(Meant("rig = null"), "NOT _exists_:rig");
  EXPECT_EQ(Meant("rig:None x"), "NOT _exists_:rig OR rig:x");
  EXPECT_EQ(Meant("rig = \"\""), "NOT _exists_:rig");
  EXPECT_EQ(Meant("null"), "null");
}

TEST(WithSlipsAllowedTest, OnlyWhereAllowed) {
  const auto query = ParseQuery("vibraton and (motr or rig:motr) and not fualt").value();
  EXPECT_EQ(PrintQuery(WithSlipsAllowed(query, [](const Query&) { return true; })),
            "vibraton~ AND (motr~ OR rig:motr) AND NOT fualt");
  EXPECT_EQ(PrintQuery(WithSlipsAllowed(query, [](const Query& word) { return PrintQuery(word) == "motr"; })),
            "vibraton AND (motr~ OR rig:motr) AND NOT fualt");
}

// What is proposed can be typed.
RC_GTEST_PROP(AsProbablyMeantProperty, IsAQuery, ()) {
  testing::SearchMaker maker(*rc::gen::arbitrary<uint64_t>());
  const auto meant = AsProbablyMeant(maker.AnyQuery());
  const auto text = PrintQuery(meant);
  const auto again = ParseQuery(text);
  RC_ASSERT(again.has_value());
  RC_ASSERT(PrintQuery(*again) == text);
}

}  // namespace
}  // namespace seshat::query
