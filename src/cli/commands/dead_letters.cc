#include "services/operations/dead_letters.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/commands/commands.h"
#include "cli/commands/common.h"
#include "cli/json_fields.h"
#include "core/base/nearest_name.h"
#include "core/base/utf8.h"
#include "views/dead_letters.h"

namespace seshat::cli {
namespace {

Result<std::vector<std::string>> Subscriptions(const Invocation& invocation, const composition::Config& config) {
  std::vector<std::string> all = composition::SubscriptionNames(config);
  if (!invocation.Has("--subscription")) return all;
  const std::string name = invocation.Value("--subscription");
  if (std::ranges::find(all, name) != all.end()) return std::vector<std::string>{name};
  return Fail(ErrorCode::kInvalidArgument, fmt::format("there is no subscription '{}' here, only {}{}", name,
                                                       fmt::join(all, ", "), DidYouMean(name, all)));
}

void PrintText(Console& console, const std::vector<operations::Letter>& letters) {
  if (letters.empty()) return console.Note("there are no dead letters");
  TextTable table({"ID", "SUBSCRIPTION", "EVENT", "SESSION", "ATTEMPTS", "DIED", "REASON"});
  for (const auto& [subscription, letter] : letters)
    table.Add({EscapeForTerminal(letter.id), subscription, EscapeForTerminal(letter.event.type),
               EscapeForTerminal(letter.event.subject), std::to_string(letter.attempts),
               FormatTimestamp(std::chrono::floor<std::chrono::seconds>(letter.died_at)),
               EscapeForTerminal(letter.reason)});
  console.Print(table.ToString({4}));
  console.Note("when the cause is gone: seshat dead-letters redrive [id…]");
}

Result<ExitCode> Run(Invocation& invocation) {
  std::vector<std::string> words = invocation.arguments();
  const std::string action = words.empty() ? "list" : words.front();
  if (!words.empty()) words.erase(words.begin());
  if (action != "list" && action != "redrive")
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("'{}' is none of: list, redrive{}", action, DidYouMean(action, {"list", "redrive"})));
  SESHAT_ASSIGN(const auto bench, MakeWorkbench(invocation));
  SESHAT_ASSIGN(const auto subscriptions, Subscriptions(invocation, bench->config));
  SESHAT_ASSIGN(const auto bus, composition::OpenEventBus(bench->config, bench->foundation));
  if (action == "list") {
    SESHAT_ASSIGN(const auto letters, operations::ListDeadLetters(*bus, subscriptions));
    if (invocation.json()) {
      PrintJson(invocation.console(), views::JsonOf(letters));
    } else {
      PrintText(invocation.console(), letters);
    }
    return ExitCode::kOk;
  }
  SESHAT_ASSIGN(const uint64_t count, operations::RedriveDeadLetters(*bus, subscriptions, words));
  if (invocation.json()) {
    PrintJson(invocation.console(), views::JsonOfRedriven(count));
  } else {
    invocation.console().PrintLine(fmt::format("{} events are delivered again", count));
  }
  return ExitCode::kOk;
}

}  // namespace

const Command kDeadLettersCommand{
    .name = "dead-letters",
    .summary = "List the events that were given up, or have them delivered again.",
    .examples = {{"seshat dead-letters", "what was given up, and why"},
                 {"seshat dead-letters redrive", "try all of it again, once the cause is gone"},
                 {"seshat dead-letters redrive <id>", "one of them"}},
    .arguments = {{"action", "list, redrive; list where it is left out.", false, false, "list|redrive"},
                  {"id", "With redrive: only these.", false, true}},
    .flags = {{"--subscription", "NAME", "Of this one only."}},
    .json =
        Joined(JsonFieldsOf(views::kDeadLetterList, "with list: "), JsonFieldsOf(views::kRedriven, "with redrive: ")),
    .run = Run,
};

}  // namespace seshat::cli
