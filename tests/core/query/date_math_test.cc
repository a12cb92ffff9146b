#include "core/query/date_math.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/query/query_parser.h"

namespace seshat::query {
namespace {

// A Monday.
const Timestamp kNow = ParseTimestamp("2026-11-23T05:50:12.5Z").value();

std::string Resolved(std::string_view text, std::chrono::minutes offset = {}) {
  const auto date = ResolveDateMath(text, {kNow, offset});
  if (!date) return date.error().message;
  return FormatTimestamp(date->time) + (date->next ? " to " + FormatTimestamp(*date->next) : "");
}

TEST(DateMathTest, StepsFromNow) {
  EXPECT_EQ(Resolved("now"), "2026-11-23T05:50:12.500Z");
  EXPECT_EQ(Resolved("NOW-7d"), "2026-11-16T05:50:12.500Z");
  EXPECT_EQ(Resolved("now+1h30m"),
            "'now+1h30m' is no date: after now or '||' stand steps like -7d, +1M, /d, in y M w d h m s");
  EXPECT_EQ(Resolved("now+1h+30m-1s"), "2026-11-23T07:20:11.500Z");
  EXPECT_EQ(Resolved("now-1M"), "2026-10-23T05:50:12.500Z");
  EXPECT_EQ(Resolved("now-2y"), "2024-11-23T05:50:12.500Z");
  EXPECT_EQ(Resolved("now-1w"), "2026-11-16T05:50:12.500Z");
}

TEST(DateMathTest, RoundingMeansAllOfTheUnit) {
  EXPECT_EQ(Resolved("now/d"), "2026-11-23T00:00:00Z to 2026-11-24T00:00:00Z");
  EXPECT_EQ(Resolved("now-7d/d"), "2026-11-16T00:00:00Z to 2026-11-17T00:00:00Z");
  EXPECT_EQ(Resolved("now/M"), "2026-11-01T00:00:00Z to 2026-12-01T00:00:00Z");
  EXPECT_EQ(Resolved("now/y"), "2026-01-01T00:00:00Z to 2027-01-01T00:00:00Z");
  EXPECT_EQ(Resolved("now-1d/w"), "2026-11-16T00:00:00Z to 2026-11-23T00:00:00Z");
  EXPECT_EQ(Resolved("now/h"), "2026-11-23T05:00:00Z to 2026-11-23T06:00:00Z");
  EXPECT_EQ(Resolved("now/m"), "2026-11-23T05:50:00Z to 2026-11-23T05:51:00Z");
  EXPECT_EQ(Resolved("now/s"), "2026-11-23T05:50:12Z to 2026-11-23T05:50:13Z");
  EXPECT_EQ(Resolved("now/d+8h"), "2026-11-23T08:00:00Z");
}

TEST(DateMathTest, DaysBeginByTheClockOnTheWall) {
  EXPECT_EQ(Resolved("now/d", std::chrono::hours{2}), "2026-11-22T22:00:00Z to 2026-11-23T22:00:00Z");
  EXPECT_EQ(Resolved("now/d", -std::chrono::hours{8}), "2026-11-22T08:00:00Z to 2026-11-23T08:00:00Z");
}

TEST(DateMathTest, StartsFromAnyDate) {
  EXPECT_EQ(Resolved("2026-01-31||+1M"), "2026-02-28T00:00:00Z");
  EXPECT_EQ(Resolved("2024-02-29||+1y"), "2025-02-28T00:00:00Z");
  EXPECT_EQ(Resolved("2026-11-23T05:50:00+02:00||/d"), "2026-11-23T00:00:00Z to 2026-11-24T00:00:00Z");
  EXPECT_EQ(Resolved("hot||+1d"), "'hot||+1d' needs a date before '||'");
  EXPECT_EQ(ResolveDateMath("2026-01-31||/M", {})->time, ParseTimestamp("2026-01-01T00:00:00Z").value());
}

TEST(DateMathTest, IsRefusedWithAReason) {
  EXPECT_EQ(Resolved("now-9999y"), "'now-9999y' is not between the years 1678 and 2261");
  EXPECT_EQ(Resolved("now+999999y"), "'now+999999y' is not between the years 1678 and 2261");
  EXPECT_NE(Resolved("now-7x").find("y M w d h m s"), std::string::npos);
  EXPECT_NE(Resolved("now/7d").find("y M w d h m s"), std::string::npos);
  EXPECT_EQ(ResolveDateMath("now-1d", {}).error().message,
            "'now-1d' cannot be told, because the time is not known here: write the date itself");
}

TEST(DateMathTest, OtherWordsStayWords) {
  for (const char* text : {"now-7d", "now+1", "now/d", "2026-11-23||+1d", "NOW-1x"})
    EXPECT_TRUE(LooksLikeDateMath(text)) << text;
  for (const char* text : {"now", "nowhere", "now-here", "now/data", "2026-11-23", "a||b", "", "no"})
    EXPECT_FALSE(LooksLikeDateMath(text)) << text;
}

RC_GTEST_PROP(DateMathProperty, AnyStepsAreAnswered, ()) {
  const auto text =
      "now" + *rc::gen::container<std::string>(rc::gen::element('+', '-', '/', '1', '9', 'd', 'M', 'y', 'w', 's'));
  const auto date = ResolveDateMath(text, {kNow, {}});
  if (date) RC_ASSERT(ParseTimestamp(FormatTimestamp(date->time)).value() == date->time);
  if (date && date->next) RC_ASSERT(*date->next > date->time);
}

// In queries: resolved at once, and what is printed gives the same tree without knowing the time.
std::string Understood(const std::string& text) {
  const auto query = ParseQuery(text, {.now = kNow});
  if (!query) return query.error().Message(text);
  const auto printed = PrintQuery(*query);
  const auto again = ParseQuery(printed);
  EXPECT_TRUE(again.has_value() && *again == *query) << printed;
  return printed;
}

TEST(DateMathQueryTest, IsResolvedWhenParsed) {
  EXPECT_EQ(Understood("started_at > now-7d"), "started_at > 2026-11-16T05:50:12.500Z");
  EXPECT_EQ(Understood("started_at >= now"), "started_at >= 2026-11-23T05:50:12.500Z");
  EXPECT_EQ(Understood("started_at:now/d"), "started_at:[2026-11-23T00:00:00Z TO 2026-11-24T00:00:00Z}");
  EXPECT_EQ(Understood("started_at != now/d"), "NOT started_at:[2026-11-23T00:00:00Z TO 2026-11-24T00:00:00Z}");
  EXPECT_EQ(Understood("started_at = now-1h"), "started_at = 2026-11-23T04:50:12.500Z");
  EXPECT_EQ(Understood("d >= now/d"), "d >= 2026-11-23T00:00:00Z");
  EXPECT_EQ(Understood("d > now/d"), "d >= 2026-11-24T00:00:00Z");
  EXPECT_EQ(Understood("d <= now/d"), "d < 2026-11-24T00:00:00Z");
  EXPECT_EQ(Understood("d < now/d"), "d < 2026-11-23T00:00:00Z");
  EXPECT_EQ(Understood("d:[now-1M/M TO now/M}"), "d:[2026-10-01T00:00:00Z TO 2026-11-01T00:00:00Z}");
  EXPECT_EQ(Understood("d:[now-1M/M TO now/M]"), "d:[2026-10-01T00:00:00Z TO 2026-12-01T00:00:00Z}");
  EXPECT_EQ(Understood("d:{now/d TO *]"), "d:[2026-11-24T00:00:00Z TO *]");
  EXPECT_EQ(Understood("d:[2026-11-23||-1d TO 2026-11-23||/M]"), "d:[2026-11-22T00:00:00Z TO 2026-12-01T00:00:00Z}");
  EXPECT_EQ(Understood("d:(now-1d/d or >now)"),
            "d:[2026-11-22T00:00:00Z TO 2026-11-23T00:00:00Z} OR d > 2026-11-23T05:50:12.500Z");
}

TEST(DateMathQueryTest, WordsStayWords) {
  EXPECT_EQ(Understood("note:now"), "note:now");
  EXPECT_EQ(Understood("now-7d"), "now-7d");
  EXPECT_EQ(Understood("note:\"now-7d\""), "note:\"now-7d\"");
  EXPECT_EQ(Understood("note = \"now-7d\""), "note = \"now-7d\"");
  EXPECT_EQ(Understood("note:\\now-7d"), "note:\\now-7d");
}

TEST(DateMathQueryTest, MistakesAreExplained) {
  EXPECT_EQ(Understood("d > now-7days"),
            "column 5: expected a date, found 'now-7days'. 'now-7days' is no date: after now or '||' stand steps "
            "like -7d, +1M, /d, in y M w d h m s. A text stands in quotes.");
  EXPECT_EQ(Understood("d > now - 7d"), "column 5: expected a date, found 'now'. Write now-7d without blanks.");
  EXPECT_FALSE(ParseQuery("d > now").has_value());
}

}  // namespace
}  // namespace seshat::query
