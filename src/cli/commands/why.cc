#include "services/operations/why.h"

#include <fmt/format.h>

#include "cli/commands/commands.h"
#include "cli/commands/common.h"
#include "cli/json_fields.h"
#include "composition/config/units.h"
#include "core/base/utf8.h"
#include "views/why.h"

namespace seshat::cli {
namespace {

void PrintText(Console& console, const operations::WhyAnswer& answer) {
  for (const migration::SessionStatus& session : answer.sessions) {
    console.PrintLine(fmt::format("{} ({}): {}", EscapeForTerminal(session.id), session.source,
                                  migration::SessionStateName(session.state)));
    console.PrintLine("  " + EscapeForTerminal(session.why));
    if (session.until) console.PrintLine(fmt::format("  until {}", FormatTimestamp(*session.until)));
    console.PrintLine(
        fmt::format("  {} files, {} at the source", session.files, composition::HumanSize(session.bytes)));
  }
  if (!answer.searchable) return console.PrintLine("not searchable yet");
  console.PrintLine(fmt::format("searchable: {} files, {} processed{}", answer.files, answer.results,
                                answer.failures > 0 ? fmt::format(", {} failed", answer.failures) : ""));
}

Result<ExitCode> Run(Invocation& invocation) {
  SESHAT_ASSIGN(const auto bench, MakeWorkbench(invocation));
  const composition::Config& config = bench->config;
  const composition::Foundation& foundation = bench->foundation;
  SESHAT_ASSIGN(const auto index, composition::OpenMetadataStore(config, foundation));
  const auto journal = composition::OpenJournal(config, foundation, true);
  // No agent has run here yet.
  const bool none = !journal && journal.error().code == ErrorCode::kNotFound;
  if (!journal && !none) return std::unexpected(journal.error());
  SESHAT_ASSIGN(
      const operations::WhyAnswer answer,
      operations::Why({.index = *index, .journal = none ? nullptr : journal->get(), .clock = *foundation.clock},
                      invocation.arguments().front()));
  if (invocation.json()) {
    PrintJson(invocation.console(), views::JsonOf(answer));
  } else {
    PrintText(invocation.console(), answer);
  }
  return ExitCode::kOk;
}

}  // namespace

const Command kWhyCommand{
    .name = "why",
    .summary = "Say what a session is waiting for, and until when.",
    .examples = {{"seshat why 2026-03-08-bench-1-007", "why is it not in the store yet?"}},
    .arguments = {{"id", "The session.", true}},
    .json = JsonFieldsOf(views::kWhy),
    .run = Run,
};

}  // namespace seshat::cli
