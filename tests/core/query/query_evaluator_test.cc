#include "core/query/query_evaluator.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <utility>

#include "core/metadata/units.h"
#include "core/query/query_limits.h"
#include "core/query/query_parser.h"
#include "support/search_maker.h"

namespace seshat::query {
namespace {

SessionDocument Document() {
  SessionDocument d;
  d.session_id = "flight-7";
  d.source = "rig-1";
  d.state = "complete";
  d.started_at = std::chrono::sys_days{std::chrono::year{2026} / 11 / 23};
  d.bytes = 1000;
  d.metadata = {{"sys_name", metadata::TypeValue("PX4")},
                {"duration_s", metadata::TypeValue("61.5")},
                {"notes", metadata::TypeValue("Left motor hot; battery fault")},
                {"temp", metadata::TypeValue("25 °C")},
                {"temp", metadata::TypeValue("unknown")},
                {"Site", metadata::TypeValue("Zürich")}};
  d.files.push_back({"log/raw data.ulg", "k", 5, {}, {}});
  return d;
}

bool Finds(const std::string& text) {
  const auto query = ParseQuery(text);
  if (!query) ADD_FAILURE() << query.error().Message(text);
  return query && QueryEvaluator::Make(*query).value().Matches(Document());
}

TEST(QueryEvaluatorTest, FindsWhatIsThere) {
  for (const char* text : {"",
                           "sys_name = px4",
                           "SYS_NAME:PX4",
                           "duration_s > 60",
                           "duration_s:[61 TO 62]",
                           "temp:25",
                           "temp = \"25 °C\"",
                           "temp:unknown",
                           "temp > 20",
                           "not temp > 30",
                           "zurich",
                           "site:ZURICH",
                           "motor battery",
                           "\"left motor\"",
                           "notes:(motor and not rotor)",
                           "batery~",
                           "mot*",
                           "/batt.*/",
                           "flight",
                           "path:log/*.ulg",
                           "raw",
                           "sys",
                           "rig-1",
                           "source:rig-1",
                           "started_at:2026-11-23",
                           "bytes >= 1000",
                           "_exists_:site",
                           "not nowhere:x",
                           "state = complete",
                           "\"left hot\"~1",
                           "temp:5 25 7"})
    EXPECT_TRUE(Finds(text)) << text;
}

TEST(QueryEvaluatorTest, AndNothingElse) {
  for (const char* text : {"sys_name = px", "duration_s > 61.5", "temp > 30", "\"motor left\"", "\"PX4 left\"",
                           "site = zurich", "nowhere:x", "not temp:25", "duration_s > 2026-11-23", "mo", "complete",
                           "temp:[20 TO 24]", "notes:px4", "_exists_:nowhere", "sys_name:=\"px4\""})
    EXPECT_FALSE(Finds(text)) << text;
}

TEST(QueryEvaluatorTest, BothBoundsMeanTheSameValue) {
  auto d = Document();
  d.metadata = {{"n", metadata::TypeValue("1")}, {"n", metadata::TypeValue("10")}};
  const auto between = QueryEvaluator::Make(ParseQuery("n:[4 TO 6]").value()).value();
  const auto both = QueryEvaluator::Make(ParseQuery("n > 4 and n < 6").value()).value();
  EXPECT_FALSE(between.Matches(d));
  EXPECT_TRUE(both.Matches(d));
}

// Laws of logic, on random documents and queries.
class Laws {
 public:
  explicit Laws(uint64_t seed) : maker_(seed), document_(maker_.AnyDocument("s", 1)) {}

  Query Any() { return maker_.AnyQuery(1); }
  bool Holds(Query query) const { return QueryEvaluator::Make(std::move(query)).value().Matches(document_); }
  static Query Both(Query a, Query b) { return Query{AllOf{{std::move(a), std::move(b)}}}; }
  static Query Either(Query a, Query b) { return Query{AnyOf{{std::move(a), std::move(b)}}}; }
  static Query No(Query a) { return Query{Not{{std::move(a)}}}; }

 private:
  testing::SearchMaker maker_;
  SessionDocument document_;
};

RC_GTEST_PROP(QueryEvaluatorProperty, ObeysTheLawsOfLogic, (uint64_t seed)) {
  Laws laws(seed);
  for (int i = 0; i < 10; ++i) {
    const Query a = laws.Any(), b = laws.Any();
    RC_LOG() << PrintQuery(a) << "\n" << PrintQuery(b) << "\n";
    const bool x = laws.Holds(a), y = laws.Holds(b);
    RC_ASSERT(laws.Holds(Laws::Both(a, b)) == (x && y));
    RC_ASSERT(laws.Holds(Laws::Either(a, b)) == (x || y));
    RC_ASSERT(laws.Holds(Laws::No(a)) == !x);
    RC_ASSERT(laws.Holds(Laws::No(Laws::Both(a, b))) == laws.Holds(Laws::Either(Laws::No(a), Laws::No(b))));
  }
}

// field:[a TO b] finds what field >= a and field <= b find where the field has one value.
RC_GTEST_PROP(QueryEvaluatorProperty, ARangeIsTwoComparisonsOfOneValue, (uint64_t seed)) {
  testing::SearchMaker maker(seed);
  SessionDocument document;
  document.metadata = {{"n", metadata::TypeValue(maker.ValueText())}};
  const auto low = metadata::TypeValue(maker.ValueText()), high = metadata::TypeValue(maker.ValueText());
  // With a unit of two meanings, both comparisons might be about different ones.
  RC_PRE(metadata::ReadingsOf(document.metadata[0].value).size() < 2);
  const auto holds = [&](auto node) { return QueryEvaluator::Make(Query{std::move(node)}).value().Matches(document); };
  RC_ASSERT(holds(Range{"n", Bound{low, true}, Bound{high, false}}) ==
            (holds(Compare{"n", CompareOp::kGreaterOrEqual, low}) && holds(Compare{"n", CompareOp::kLess, high})));
}

TEST(QueryLimitsTest, RefuseWhatAStoreNeedNotBear) {
  Query deep;
  for (size_t i = 1; i < kMaxQueryDepth; ++i) deep = Query{Not{{deep}}};
  EXPECT_TRUE(CheckQuery(deep).has_value());
  EXPECT_EQ(CheckQuery(Query{Not{{deep}}}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_FALSE(CheckQuery(Query{Not{}}).has_value());
  EXPECT_TRUE(CheckQuery(Query{AllOf{std::vector<Query>(kMaxQueryClauses)}}).has_value());
  EXPECT_FALSE(CheckQuery(Query{AnyOf{std::vector<Query>(kMaxQueryClauses + 1)}}).has_value());
  EXPECT_FALSE(CheckQuery(Query{MatchAll{}, 0}).has_value());
  EXPECT_FALSE(CheckQuery(Query{Text{std::nullopt, TextMatch::kRegex, "("}}).has_value());
  EXPECT_FALSE(CheckQuery(Query{Text{std::nullopt, TextMatch::kFuzzy, "a", 3}}).has_value());
}

}  // namespace
}  // namespace seshat::query
