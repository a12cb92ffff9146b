// The query language under libFuzzer (scripts/fuzz): any bytes are answered, nothing crashes, and what is printed
// means the same. query_fuzz_test runs the same function on the seeds in every build.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <source_location>
#include <string>
#include <string_view>

#include "core/base/utf8.h"
#include "core/metadata/text_fold.h"
#include "core/metadata/units.h"
#include "core/query/highlight.h"
#include "core/query/query_evaluator.h"
#include "core/query/query_habits.h"
#include "core/query/query_limits.h"
#include "core/query/query_parser.h"
#include "core/query/query_suggest.h"

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
  document.metadata = {{"rig", metadata::TypeValue("Zürich bench-1")},
                       {"v", metadata::TypeValue("3.3 V")},
                       {"any", metadata::TypeValue(text)}};
  return document;
}

void TryTree(const Query& query, std::string_view text) {
  Promise(query::CheckQuery(query).has_value());
  const auto printed = query::PrintQuery(query);
  const auto again = query::ParseQuery(printed);
  // Backslashes may make it too long, and brackets too deep.
  if (again) {
    Promise(*again == query);
  } else {
    Promise(printed.size() > query::kMaxQueryBytes || again.error().expected.find("levels") != std::string::npos);
  }
  const auto document = Document(text);
  const auto evaluator = QueryEvaluator::Make(query);
  Promise(evaluator.has_value());
  const bool matches = evaluator->Matches(document);
  Not negation;
  negation.clause.push_back(query);
  if (const auto opposite = QueryEvaluator::Make(Query{negation})) Promise(opposite->Matches(document) == !matches);
  Promise(query::HighlightsOf(query, document).has_value());
  // What is proposed instead can be typed as well, where it is not too long.
  const auto meant = query::PrintQuery(query::AsProbablyMeant(query));
  Promise(query::ParseQuery(meant).has_value() || meant.size() > printed.size());
}

void TryValue(std::string_view text) {
  const auto value = metadata::TypeValue(text);
  Promise(value.text == text);
  Promise(query::Satisfies(value, CompareOp::kEqual, value));
  for (const auto& reading : metadata::ReadingsOf(value)) Promise(reading.canonical == reading.canonical);
  if (!IsValidUtf8(text)) return;  // values always are
  size_t i = 0;
  const auto words = metadata::Words(text);
  for (const auto& placed : metadata::PlacedWords(text)) Promise(i < words.size() && placed.word == words[i++]);
  Promise(i == words.size());
}

}  // namespace
}  // namespace seshat

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace seshat;  // NOLINT(google-build-using-namespace): the fuzzer's name has to be outside
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static const Timestamp now = ParseTimestamp("2026-11-23T05:50:00Z").value();
  const auto query = query::ParseQuery(text, {.now = now, .utc_offset = std::chrono::minutes{90}});
  if (query) {
    TryTree(*query, text);
  } else {
    Promise(query.error().position <= text.size());
    Promise(!query.error().Message(text).empty());
  }
  for (size_t cursor = 0; cursor <= size; cursor += 1 + size / 8) {
    const auto point = query::SuggestAt(text, cursor);
    Promise(point.begin <= cursor && cursor <= point.end && point.end <= size);
    query::Suggest(point, {}, {});
  }
  TryValue(text);
  return 0;
}
