#include "core/query/highlight.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/base/utf8.h"
#include "core/metadata/text_fold.h"
#include "core/query/query_evaluator.h"
#include "core/query/query_parser.h"
#include "support/generators.h"
#include "support/search_maker.h"

namespace seshat::query {
namespace {

SessionDocument Document() {
  SessionDocument d;
  d.session_id = "flight-7";
  d.source = "rig-1";
  d.state = "complete";
  d.metadata = {{"sys_name", metadata::TypeValue("PX4 Pro")},
                {"notes", metadata::TypeValue("Left motor hot; the motor of Zu\xCC\x88rich, 東京 rig")},
                {"temp", metadata::TypeValue("25 °C")},
                {"temp", metadata::TypeValue("30 °C")}};
  d.files.push_back({"log/motor.ulg", "k", 5, {}, {}});
  return d;
}

// "field: text with [marks]", one after the other.
std::string Marked(const std::string& text, const FieldAliases& aliases = {}) {
  const auto query = ParseQuery(text);
  if (!query) return query.error().Message(text);
  const auto highlights = HighlightsOf(*query, Document(), aliases);
  if (!highlights) return highlights.error().ToString();
  std::string out;
  for (const auto& highlight : *highlights) {
    std::string value = highlight.value;
    for (auto span = highlight.spans.rbegin(); span != highlight.spans.rend(); ++span) {
      value.insert(span->end, "]");
      value.insert(span->begin, "[");
    }
    out += (out.empty() ? "" : "; ") + (highlight.kind == FieldKind::kKeyName ? "key" : highlight.field) + ": " + value;
  }
  return out;
}

TEST(HighlightTest, MarksWhatWasLookedFor) {
  EXPECT_EQ(Marked("motor"), "path: log/[motor].ulg; notes: Left [motor] hot; the [motor] of Zu\xCC\x88rich, 東京 rig");
  EXPECT_EQ(Marked("notes:\"left motor\""), "notes: [Left] [motor] hot; the motor of Zu\xCC\x88rich, 東京 rig");
  EXPECT_EQ(Marked("\"left hot\"~1"), "notes: [Left] motor [hot]; the motor of Zu\xCC\x88rich, 東京 rig");
  EXPECT_EQ(Marked("zurich"), "notes: Left motor hot; the motor of [Zu\xCC\x88rich], 東京 rig");
  EXPECT_EQ(Marked("notes:京"), "notes: Left motor hot; the motor of Zu\xCC\x88rich, 東[京] rig");
  EXPECT_EQ(Marked("temp > 26"), "temp: [30 °C]");
  EXPECT_EQ(Marked("temp:[20 TO 26]"), "temp: [25 °C]");
  EXPECT_EQ(Marked("sys_name = \"px4 pro\""), "sys_name: [PX4 Pro]");
  EXPECT_EQ(Marked("sys_name:p*4"), "sys_name: [PX4] Pro");
  EXPECT_EQ(Marked("sys_name:p*pro"), "sys_name: [PX4 Pro]");
  EXPECT_EQ(Marked("sys_name:pxx4~"), "sys_name: [PX4] Pro");
  EXPECT_EQ(Marked("sys"), "key: [sys]_name");
  EXPECT_EQ(Marked("flight"), "session_id: [flight]-7");
  EXPECT_EQ(Marked("sys_name:px4 or temp:99 or temp > 26 not hot"), "sys_name: [PX4] Pro; temp: [30 °C]");
  EXPECT_EQ(Marked("not motor"), "");
  EXPECT_EQ(Marked("_exists_:temp"), "");
}

TEST(HighlightTest, StopsWhereItIsEnough) {
  SessionDocument document;
  document.metadata = {
      {"a", metadata::TypeValue("motor")}, {"b", metadata::TypeValue("motor")}, {"c", metadata::TypeValue("motor")}};
  const auto query = ParseQuery("motor").value();
  EXPECT_EQ(HighlightsOf(query, document, {}, 2).value().size(), 2U);
  EXPECT_EQ(HighlightsOf(query, document).value().size(), 3U);
}

TEST(HighlightTest, LooksThroughAliases) {
  const FieldAlias groups[] = {{"temperature", {"temp"}}};
  EXPECT_EQ(Marked("temperature = 25", FieldAliases::Make(groups).value()), "temp: [25 °C]");
}

RC_GTEST_PROP(HighlightProperty, SpansAreApartAndInside, (uint64_t seed)) {
  testing::SearchMaker maker(seed);
  const auto document = maker.AnyDocument("s", 1);
  for (int i = 0; i < 20; ++i) {
    const auto query = maker.AnyQuery();
    const auto highlights = HighlightsOf(query, document);
    for (const auto& highlight : *highlights) {
      RC_ASSERT(!highlight.spans.empty());
      size_t last = 0;
      for (const auto& span : highlight.spans) {
        RC_ASSERT(span.begin >= last);
        RC_ASSERT(span.end > span.begin);
        RC_ASSERT(span.end <= highlight.value.size());
        last = span.end;
      }
    }
  }
}

// A hit on a single clause that looks at texts or values has a mark that shows why, and a miss has none.
RC_GTEST_PROP(HighlightProperty, AHitOfOneClauseIsMarked, (uint64_t seed)) {
  testing::SearchMaker maker(seed);
  const auto document = maker.AnyDocument("s", 1);
  for (int i = 0; i < 20; ++i) {
    const auto query = maker.AnyQuery(0);
    const auto* compare = std::get_if<Compare>(&query.node);
    const bool empty = compare != nullptr && compare->value.text.empty();  // nothing to mark
    if (empty || std::holds_alternative<MatchAll>(query.node) || std::holds_alternative<Exists>(query.node)) continue;
    RC_LOG() << PrintQuery(query) << "\n";
    RC_ASSERT(QueryEvaluator::Make(query)->Matches(document) == !HighlightsOf(query, document)->empty());
  }
}

RC_GTEST_PROP(PlacedWordsProperty, AreTheWords, ()) {
  const auto text = ReplaceInvalidUtf8(*rc::gen::oneOf(testing::AnyMetadataText(), testing::AnyBytes()));
  std::vector<std::string> words;
  size_t last = 0;
  for (const auto& placed : metadata::PlacedWords(text)) {
    words.push_back(placed.word);
    RC_ASSERT(placed.begin >= last);
    RC_ASSERT(placed.end > placed.begin);
    RC_ASSERT(placed.end <= text.size());
    if (placed.word.size() < metadata::kMaxWordBytes)
      RC_ASSERT(metadata::Words(text.substr(placed.begin, placed.end - placed.begin)) == std::vector{placed.word});
    last = placed.end;
  }
  RC_ASSERT(words == metadata::Words(text));
}

}  // namespace
}  // namespace seshat::query
