#include <fmt/format.h>

#include "cli/commands/commands.h"
#include "cli/commands/common.h"
#include "cli/search/query_suggestions.h"
#include "core/base/utf8.h"

namespace seshat::cli {
namespace {

std::string_view NameOf(Suggestion::Kind kind) {
  switch (kind) {
    case Suggestion::Kind::kField:
      return "field";
    case Suggestion::Kind::kOperator:
      return "operator";
    case Suggestion::Kind::kValue:
      return "value";
    case Suggestion::Kind::kKeyword:
      return "keyword";
  }
  return "";
}

// "field, number, 12 sessions"
std::string About(const Suggestion& suggestion) {
  std::string text(NameOf(suggestion.kind));
  if (!suggestion.type.empty()) text += ", " + suggestion.type;
  if (suggestion.count > 0) text += fmt::format(", {} session{}", suggestion.count, suggestion.count == 1 ? "" : "s");
  return text;
}

Result<ExitCode> Run(Invocation& invocation) {
  std::string text;
  for (const std::string& word : invocation.arguments()) text += (text.empty() ? "" : " ") + word;
  SESHAT_ASSIGN(const uint64_t cursor, invocation.Number("--at", text.size()));
  SESHAT_ASSIGN(const uint64_t limit, invocation.Number("--limit", 10));
  SESHAT_ASSIGN(const auto bench, MakeWorkbench(invocation));
  SESHAT_ASSIGN(const auto index, composition::OpenMetadataStore(bench->config, bench->foundation));
  SESHAT_ASSIGN(const auto settings, SearchSettingsOf(bench->config, *bench->foundation.clock));
  SESHAT_ASSIGN(const auto found, SuggestionsFor(text, cursor, limit, settings, *index));
  if (!invocation.json()) {
    for (const Suggestion& suggestion : found.suggestions)
      invocation.console().PrintLine(
          fmt::format("{}\t{}", EscapeForTerminal(WithSuggestion(text, found.point, suggestion)), About(suggestion)));
    return ExitCode::kOk;
  }
  boost::json::array suggestions;
  for (const Suggestion& suggestion : found.suggestions)
    suggestions.push_back({{"kind", NameOf(suggestion.kind).data()},
                           {"text", suggestion.text},
                           {"label", suggestion.label},
                           {"count", suggestion.count},
                           {"type", suggestion.type},
                           {"query", WithSuggestion(text, found.point, suggestion)}});
  PrintJson(invocation.console(),
            boost::json::object{
                {"begin", found.point.begin}, {"end", found.point.end}, {"suggestions", std::move(suggestions)}});
  return ExitCode::kOk;
}

}  // namespace

const Command kSuggestCommand{
    .name = "suggest",
    .summary = "Say what can be written next in a query: fields, operators and values, best first.",
    .description =
        "For shells and editors; 'seshat completion' makes bash, zsh and fish ask it. A line is the "
        "query with the suggestion put in, a tab, and what it is.",
    .examples = {{"seshat suggest sys_na", "fields that begin so"},
                 {"seshat suggest 'rig:'", "the rigs that there are"}},
    .arguments = {{"query", "As far as it is written.", false, true}},
    .flags = {{"--at", "BYTE", "Where in the query the cursor is (its end)."},
              {"--limit", "N", "Suggestions to print (10)."}},
    .json = {{"begin", "number", "the byte of the query at which the word starts that a suggestion replaces"},
             {"end", "number", "the byte behind it"},
             {"suggestions", "array",
              "kind (field, operator, value, keyword), text (to put in), label (to show), count (sessions; 0 "
              "for operators and keywords), type (of a field), query (with it)"}},
    .run = Run,
};

}  // namespace seshat::cli
