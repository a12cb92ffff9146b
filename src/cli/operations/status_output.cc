#include "cli/operations/status_output.h"

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "composition/config/units.h"
#include "core/base/utf8.h"

namespace seshat::cli {
namespace {

std::string Ago(Timestamp time, Timestamp now) {
  if (time == Timestamp{}) return "never";
  return composition::HumanDuration(std::chrono::duration_cast<std::chrono::milliseconds>(now - time)) + " ago";
}

void PrintSources(Console& console, const operations::StatusReport& report, Timestamp now) {
  TextTable table(
      {"SOURCE", "SESSIONS", "WAITING", "UPLOADING", "STORED", "PARTIAL", "CONFLICTS", "BACKLOG", "LAST SCAN"});
  for (const migration::SourceStatus& source : report.sources) {
    const SessionCounts& counts = source.sessions;
    table.Add({source.scan.source, std::to_string(counts.sessions), std::to_string(counts.waiting),
               std::to_string(counts.uploading), std::to_string(counts.committed), std::to_string(counts.partial),
               std::to_string(counts.conflicts), composition::HumanSize(counts.backlog_bytes),
               Ago(source.scan.scanned_at, now)});
  }
  if (table.size() > 0) console.PrintLine(table.ToString({1, 2, 3, 4, 5, 6, 7}));
}

void PrintSubscriptions(Console& console, const operations::StatusReport& report) {
  TextTable table({"SUBSCRIPTION", "READY", "IN FLIGHT", "DEAD", "OLDEST"});
  for (const auto& [name, stats] : report.subscriptions)
    table.Add({name, std::to_string(stats.ready), std::to_string(stats.in_flight), std::to_string(stats.dead),
               stats.oldest_age ? composition::HumanDuration(*stats.oldest_age) : "-"});
  console.PrintLine(table.ToString({1, 2, 3}));
}

void PrintProcesses(Console& console, const operations::StatusReport& report) {
  for (const operations::RunningProcess& process : report.processes) {
    const std::string metrics =
        process.metrics_address.empty() ? "" : fmt::format(", metrics at http://{}/metrics", process.metrics_address);
    console.PrintLine(fmt::format("process {} ({}) since {}{}", process.pid, fmt::join(process.roles, ", "),
                                  FormatTimestamp(process.started_at), metrics));
  }
  if (report.processes.empty()) console.PrintLine("no seshat process is running");
}

void NoteProblems(Console& console, const operations::StatusReport& report) {
  if (!report.agent_has_run) console.Note("no agent has run on this state directory yet");
  for (const migration::SourceStatus& source : report.sources) {
    if (!source.scan.problem.empty())
      console.Note(fmt::format("{}: {}", source.scan.source, EscapeForTerminal(source.scan.problem)));
  }
  if (!report.store_problem.empty()) console.Note("uploads pause: " + EscapeForTerminal(report.store_problem));
  for (const migration::SessionStatus& session : report.attention)
    console.Note(fmt::format("{} ({}): {}: {}", EscapeForTerminal(session.id), session.source,
                             migration::SessionStateName(session.state), EscapeForTerminal(session.why)));
}

}  // namespace

void PrintStatus(Console& console, const operations::StatusReport& report, Timestamp now) {
  PrintSources(console, report, now);
  PrintSubscriptions(console, report);
  console.PrintLine(
      fmt::format("{} sessions are searchable; they lie in {}", report.searchable, EscapeForTerminal(report.store)));
  PrintProcesses(console, report);
  NoteProblems(console, report);
}

}  // namespace seshat::cli
