#include "cli/operations/run_output.h"

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "composition/config/units.h"
#include "core/base/utf8.h"

namespace seshat::cli {
namespace {

// The flags that lead the next commands to the same places.
std::string SameFlags(const Invocation& invocation) {
  std::string flags;
  for (const std::string_view name : {"--config", "--store", "--state-dir"}) {
    if (invocation.Has(name)) flags += fmt::format(" {} {}", name, EscapeForTerminal(invocation.Value(name)));
  }
  return flags;
}

}  // namespace

void PrintSummary(Invocation& invocation, const views::Run& result) {
  Console& console = invocation.console();
  if (!result.summary) return console.PrintLine("nothing is left to do");
  const operations::RunSummary& summary = *result.summary;
  const std::string results = summary.results ? fmt::format(", {} results", *summary.results) : "";
  console.PrintLine(fmt::format("{} sessions, {} files, {}{}", summary.sessions, summary.files,
                                composition::HumanSize(summary.bytes), results));
  console.PrintLine(fmt::format("in {}", EscapeForTerminal(result.store)));
  if (result.state.unfinished > 0)
    console.PrintLine(
        fmt::format("{} more are not finished yet; seshat why <id> tells what they wait for", result.state.unfinished));
  if (summary.session.empty()) return;
  const std::string flags = SameFlags(invocation);
  const std::string id = EscapeForTerminal(summary.session);
  console.PrintLine("\ntry next:");
  console.PrintLine(summary.query.empty() ? fmt::format("  seshat search{}", flags)
                                          : fmt::format("  seshat search '{}'{}", summary.query, flags));
  console.PrintLine(fmt::format("  seshat show {}{}", id, flags));
  console.PrintLine(fmt::format("  seshat get {} --to .{}", id, flags));
}

ExitCode ReportProblems(Console& console, const operations::PipelineState& state) {
  ExitCode code = ExitCode::kOk;
  const auto complain = [&](const std::string& what) {
    console.PrintError(EscapeForTerminal(what));
    code = ExitCode::kPartial;
  };
  for (const std::string& problem : state.problems) complain(problem);
  if (state.conflicts > 0)
    complain(fmt::format("{} sessions belong to another source: see seshat status", state.conflicts));
  if (state.partial > 0) complain(fmt::format("{} sessions are stored in part: see seshat status", state.partial));
  if (state.refused > 0)
    complain(fmt::format("{} names at the sources cannot be session ids: see seshat agent --dry-run", state.refused));
  if (state.dead > 0) complain(fmt::format("{} events were given up: see seshat dead-letters", state.dead));
  return code;
}

}  // namespace seshat::cli
