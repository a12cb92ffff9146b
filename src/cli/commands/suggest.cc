#include <fmt/format.h>

#include "cli/commands/commands.h"
#include "cli/commands/common.h"
#include "cli/json_fields.h"
#include "composition/search_settings.h"
#include "core/base/utf8.h"
#include "services/catalog/suggestions.h"
#include "views/suggestions.h"

namespace seshat::cli {
namespace {

// "field, number, 12 sessions"
std::string About(const Suggestion& suggestion) {
  std::string text(views::SuggestionKindName(suggestion.kind));
  if (!suggestion.type.empty()) text += ", " + suggestion.type;
  if (suggestion.count > 0) text += fmt::format(", {} session{}", suggestion.count, suggestion.count == 1 ? "" : "s");
  return text;
}

Result<ExitCode> Run(Invocation& invocation) {
  const std::string text = invocation.JoinedArguments();
  SESHAT_ASSIGN(const uint64_t cursor, invocation.Number("--at", text.size()));
  SESHAT_ASSIGN(const uint64_t limit, invocation.Number("--limit", 10));
  SESHAT_ASSIGN(const auto bench, MakeWorkbench(invocation));
  SESHAT_ASSIGN(const auto index, composition::OpenMetadataStore(bench->config, bench->foundation));
  SESHAT_ASSIGN(const auto settings, composition::SearchSettingsOf(bench->config, *bench->foundation.clock));
  SESHAT_ASSIGN(const auto found, catalog::SuggestionsFor(text, cursor, limit, settings, *index));
  if (invocation.json()) {
    PrintJson(invocation.console(), views::JsonOf(found, text));
    return ExitCode::kOk;
  }
  for (const Suggestion& suggestion : found.suggestions)
    invocation.console().PrintLine(fmt::format(
        "{}\t{}", EscapeForTerminal(catalog::WithSuggestion(text, found.point, suggestion)), About(suggestion)));
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
    .json = JsonFieldsOf(views::kSuggestionList),
    .run = Run,
};

}  // namespace seshat::cli
