// The query language under libFuzzer (scripts/fuzz): any bytes are answered, nothing crashes, and what is printed
// means the same. query_fuzz_test runs the same function on the seeds in every build.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <source_location>
#include <string>
#include <string_view>

#include "core/highlight.h"
#include "core/query_evaluator.h"
#include "core/query_habits.h"
#include "core/query_limits.h"
#include "core/query_parser.h"
#include "core/query_suggest.h"
#include "core/text_fold.h"
#include "core/units.h"
#include "core/utf8.h"

namespace seshat {
namespace {

// A promise was broken: stop where a debugger and the fuzzer see it.
void Promise(bool kept, std::source_location where = std::source_location::current()) {
  if (kept) return;
  std::fprintf(stderr, "broken promise: %s:%u\n", where.file_name(), static_cast<unsigned>(where.line()));
  std::abort();
}

SessionDocument Document(std::string_view text) {
  SessionDocument document;
  document.session_id = "s";
  document.bytes = 5;
  document.metadata = {
      {"rig", TypeValue("Zürich bench-1")}, {"v", TypeValue("3.3 V")}, {"any", TypeValue(text)}};
  return document;
}

void TryTree(const Query& query, std::string_view text) {
  Promise(CheckQuery(query).has_value());
  const auto printed = PrintQuery(query);
  const auto again = ParseQuery(printed);
  // Backslashes may make it too long, and brackets too deep.
  if (again) {
    Promise(*again == query);
  } else {
    Promise(printed.size() > kMaxQueryBytes || again.error().expected.find("levels") != std::string::npos);
  }
  const auto document = Document(text);
  const auto evaluator = QueryEvaluator::Make(query);
  Promise(evaluator.has_value());
  const bool matches = evaluator->Matches(document);
  Not negation;
  negation.clause.push_back(query);
  if (const auto opposite = QueryEvaluator::Make(Query{negation}))
    Promise(opposite->Matches(document) == !matches);
  Promise(HighlightsOf(query, document).has_value());
  // What is proposed instead can be typed as well, where it is not too long.
  const auto meant = PrintQuery(AsProbablyMeant(query));
  Promise(ParseQuery(meant).has_value() || meant.size() > printed.size());
}

void TryValue(std::string_view text) {
  const auto value = TypeValue(text);
  Promise(value.text == text);
  Promise(Satisfies(value, CompareOp::kEqual, value));
  for (const auto& reading : ReadingsOf(value)) Promise(reading.canonical == reading.canonical);
  if (!IsValidUtf8(text)) return;  // values always are
  size_t i = 0;
  const auto words = Words(text);
  for (const auto& placed : PlacedWords(text)) Promise(i < words.size() && placed.word == words[i++]);
  Promise(i == words.size());
}

}  // namespace
}  // namespace seshat

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace seshat;  // NOLINT(google-build-using-namespace): the fuzzer's name has to be outside
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static const Timestamp now = ParseTimestamp("2026-11-23T05:50:00Z").value();
  const auto query = ParseQuery(text, {.now = now, .utc_offset = std::chrono::minutes{90}});
  if (query) {
    TryTree(*query, text);
  } else {
    Promise(query.error().position <= text.size());
    Promise(!query.error().Message(text).empty());
  }
  for (size_t cursor = 0; cursor <= size; cursor += 1 + size / 8) {
    const auto point = SuggestAt(text, cursor);
    Promise(point.begin <= cursor && cursor <= point.end && point.end <= size);
    Suggest(point, {}, {});
  }
  TryValue(text);
  return 0;
}
