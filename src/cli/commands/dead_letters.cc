#include <fmt/format.h>

#include <algorithm>

#include "cli/commands/commands.h"
#include "cli/commands/common.h"
#include "core/base/nearest_name.h"
#include "core/base/utf8.h"
#include "core/records/json_fields.h"
#include "ports/event_bus.h"

namespace seshat::cli {
namespace {

struct Letter {
  std::string subscription;
  DeadLetter letter;
};

Result<std::vector<std::string>> Subscriptions(const Invocation& invocation, const composition::Config& config) {
  std::vector<std::string> all = composition::SubscriptionNames(config);
  if (!invocation.Has("--subscription")) return all;
  const std::string name = invocation.Value("--subscription");
  if (std::ranges::find(all, name) != all.end()) return std::vector<std::string>{name};
  return Fail(ErrorCode::kInvalidArgument, fmt::format("there is no subscription '{}' here, only {}{}", name,
                                                       fmt::join(all, ", "), DidYouMean(name, all)));
}

Result<std::vector<Letter>> Collect(EventBus& bus, const std::vector<std::string>& subscriptions) {
  std::vector<Letter> letters;
  for (const std::string& subscription : subscriptions) {
    std::string after;
    do {
      SESHAT_ASSIGN(DeadLetterPage page, bus.DeadLetters(subscription, after, 1000));
      for (DeadLetter& letter : page.letters) letters.push_back({subscription, std::move(letter)});
      after = page.next_start_after;
    } while (!after.empty());
  }
  return letters;
}

// What the event is about, as far as it can be read.
boost::json::value DataOf(const Event& event) {
  auto data = json::Parse(event.data, "event data");
  return data ? std::move(*data) : boost::json::value(ReplaceInvalidUtf8(event.data));
}

void List(Invocation& invocation, const std::vector<Letter>& letters) {
  Console& console = invocation.console();
  boost::json::array all;
  TextTable table({"ID", "SUBSCRIPTION", "EVENT", "SESSION", "ATTEMPTS", "DIED", "REASON"});
  for (const auto& [subscription, letter] : letters) {
    all.push_back({{"id", letter.id},
                   {"subscription", subscription},
                   {"type", letter.event.type},
                   {"session", letter.event.subject},
                   {"attempts", letter.attempts},
                   {"reason", ReplaceInvalidUtf8(letter.reason)},
                   {"died_at", FormatTimestamp(letter.died_at)},
                   {"traceparent", letter.event.traceparent},
                   {"data", DataOf(letter.event)}});
    table.Add({EscapeForTerminal(letter.id), subscription, EscapeForTerminal(letter.event.type),
               EscapeForTerminal(letter.event.subject), std::to_string(letter.attempts),
               FormatTimestamp(std::chrono::floor<std::chrono::seconds>(letter.died_at)),
               EscapeForTerminal(letter.reason)});
  }
  if (invocation.json()) return PrintJson(console, boost::json::object{{"letters", std::move(all)}});
  if (letters.empty()) return console.Note("there are no dead letters");
  console.Print(table.ToString({4}));
  console.Note("when the cause is gone: seshat dead-letters redrive [id…]");
}

// The letters asked for, of each subscription; with no id all of them.
Result<uint64_t> Redrive(EventBus& bus, const std::vector<std::string>& subscriptions,
                         const std::vector<Letter>& letters, const std::vector<std::string>& wanted) {
  for (const std::string& id : wanted) {
    if (std::ranges::none_of(letters, [&](const Letter& l) { return l.letter.id == id; }))
      return Fail(ErrorCode::kNotFound, fmt::format("there is no dead letter '{}'", id));
  }
  uint64_t total = 0;
  for (const std::string& subscription : subscriptions) {
    std::vector<std::string> ids;
    for (const Letter& letter : letters) {
      const bool chosen = wanted.empty() || std::ranges::find(wanted, letter.letter.id) != wanted.end();
      if (letter.subscription == subscription && chosen) ids.push_back(letter.letter.id);
    }
    if (ids.empty()) continue;
    SESHAT_ASSIGN(const uint64_t count, bus.Redrive(subscription, ids));
    total += count;
  }
  return total;
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
  SESHAT_ASSIGN(const std::vector<Letter> letters, Collect(*bus, subscriptions));
  if (action == "list") {
    List(invocation, letters);
    return ExitCode::kOk;
  }
  SESHAT_ASSIGN(const uint64_t count, Redrive(*bus, subscriptions, letters, words));
  if (invocation.json()) {
    PrintJson(invocation.console(), boost::json::object{{"redriven", count}});
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
    .json = {{"letters?", "array",
              "with list: id, subscription, type, session, attempts, reason, died_at, traceparent, data"},
             {"redriven?", "number", "with redrive: how many"}},
    .run = Run,
};

}  // namespace seshat::cli
