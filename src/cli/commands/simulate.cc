#include <fmt/format.h>

#include <boost/json.hpp>

#include "cli/commands/commands.h"
#include "cli/commands/common.h"
#include "cli/invocation.h"
#include "cli/simulate/lab.h"
#include "composition/composition.h"
#include "composition/config/units.h"
#include "composition/stop_signals.h"
#include "core/base/utf8.h"

namespace seshat::cli {
namespace {

void Print(Console& console, const LabSummary& summary, bool json) {
  if (json) {
    const boost::json::object all{{"sources", boost::json::value_from(summary.sources)},
                                  {"sessions", summary.sessions},
                                  {"unfinished", summary.unfinished},
                                  {"files", summary.files},
                                  {"bytes", summary.bytes}};
    return PrintJson(console, all);
  }
  console.PrintLine(
      fmt::format("{} finished sessions with {} files ({}), {} still being written, in:", summary.sessions,
                  summary.files, composition::HumanSize(summary.bytes), summary.unfinished));
  for (const std::string& source : summary.sources) console.PrintLine("  " + EscapeForTerminal(source));
}

Result<LabOptions> OptionsOf(const Invocation& invocation) {
  LabOptions options;
  if (!invocation.Has("--to"))
    return Fail(ErrorCode::kInvalidArgument, "--to is missing: say where the lab shall lie, such as --to lab");
  options.directory = std::filesystem::absolute(invocation.Value("--to")).lexically_normal();
  SESHAT_ASSIGN(options.sources, invocation.Number("--sources", options.sources));
  SESHAT_ASSIGN(options.sessions, invocation.Number("--sessions", options.sessions));
  SESHAT_ASSIGN(options.unfinished, invocation.Number("--unfinished", options.unfinished));
  SESHAT_ASSIGN(options.seed, invocation.Number("--seed", options.seed));
  SESHAT_ASSIGN(options.tick, invocation.Duration("--tick", options.tick));
  // Beyond this it is no lab to try things with, and a mistyped number fills the disk.
  if (options.sources < 1 || options.sources > 100 || options.sessions > 100'000 || options.unfinished > 100)
    return Fail(ErrorCode::kInvalidArgument, "--sources goes from 1 to 100, --sessions to 100000, --unfinished to 100");
  return options;
}

Result<ExitCode> Run(Invocation& invocation) {
  SESHAT_ASSIGN(LabOptions options, OptionsOf(invocation));
  const bool live = invocation.Has("--live") || invocation.Has("--for");
  if (live) options.unfinished = std::max<uint64_t>(1, options.unfinished);
  const auto clock = composition::MakeClock();
  auto until = std::chrono::steady_clock::time_point::max();
  if (invocation.Has("--for")) {
    SESHAT_ASSIGN(const auto duration, invocation.Duration("--for", {}));
    until = clock->SteadyNow() + duration;
  }
  Lab lab(std::move(options));
  SESHAT_ASSIGN(LabSummary summary, lab.Make());
  if (live) {
    const composition::StopSignals signals;
    invocation.console().Note("sessions are being recorded; Ctrl-C finishes them and ends");
    SESHAT_ASSIGN(summary, lab.Live(*clock, until, signals.token()));
  }
  Print(invocation.console(), summary, invocation.json());
  return ExitCode::kOk;
}

}  // namespace

const Command kSimulateCommand{
    .name = "simulate",
    .summary = "Make a lab to try things with: sources with sessions, some still being written.",
    .description = "The same seed makes the same lab, byte for byte. What is there already stays as it is.",
    .examples = {{"seshat simulate --to lab", "three sources with six finished sessions each"},
                 {"seshat simulate --to lab --live", "and go on recording until Ctrl-C"}},
    .flags = {{"--to", "DIR", "Where the lab lies; made where missing."},
              {"--sources", "N", "Sources, 1 to 100 (3)."},
              {"--sessions", "N", "Finished sessions of each source (6)."},
              {"--unfinished", "N", "Sessions of each source that are still being written (1)."},
              {"--seed", "N", "Another lab for another number (1)."},
              {"--live", "", "Go on writing and finishing sessions until Ctrl-C, then finish what is open."},
              {"--for", "DURATION", "As --live, for so long."},
              {"--tick", "DURATION", "Live: time between two writes (500ms)."}},
    .json = {{"sources", "array", "the directories that are the sources"},
             {"sessions", "number", "finished sessions"},
             {"unfinished", "number", "sessions still being written"},
             {"files", "number", "files of finished sessions"},
             {"bytes", "number", "bytes of finished sessions"}},
    .run = Run,
};

}  // namespace seshat::cli
