#include "cli/commands/common.h"

#include <fmt/format.h>

#include "core/base/json_text.h"
#include "core/base/utf8.h"
#include "views/error.h"

namespace seshat::cli {

Result<std::unique_ptr<Workbench>> MakeWorkbench(Invocation& invocation) {
  SESHAT_ASSIGN(auto config, invocation.LoadConfig());
  // A command that only reads says what it has to say itself; the log is for what goes wrong besides.
  return Workbench::Make(std::move(config), LogSinkOf(invocation.console()), invocation.config_inputs().environment);
}

composition::LogSink LogSinkOf(const Console& console) {
  return {.file = console.err(), .color = console.color_for_messages()};
}

std::string JsonText(const boost::json::value& value) { return EscapeControlsInJson(boost::json::serialize(value)); }

void PrintJson(Console& console, const boost::json::value& value) { console.PrintLine(JsonText(value)); }

retrieval::Advanced ShowProgress(Console& console, std::string_view noun, uint64_t files, uint64_t bytes) {
  return [progress = std::make_shared<Progress>(console, noun, files, bytes)](uint64_t done, uint64_t done_bytes) {
    progress->Advance(done, done_bytes);
  };
}

ExitCode ReportFailures(Console& console, const std::vector<retrieval::FailedFile>& failed, bool anything_done) {
  if (failed.empty()) return ExitCode::kOk;
  bool damaged = false;
  size_t shown = 0;
  for (const retrieval::FailedFile& file : failed) {
    damaged = damaged || file.error.code == ErrorCode::kDataLoss;
    if (shown++ < 20)
      console.PrintError(fmt::format("{}: {}", EscapeForTerminal(file.path), EscapeForTerminal(file.error.message)));
  }
  if (shown > 20) console.PrintError(fmt::format("… and {} more", shown - 20));
  if (damaged) return ExitCode::kIntegrity;
  return anything_done ? ExitCode::kPartial : ExitCodeOf(failed.front().error.code);
}

boost::json::array JsonOf(const std::vector<retrieval::FailedFile>& failed) {
  boost::json::array all;
  for (const retrieval::FailedFile& file : failed) all.push_back(views::JsonOfFailedFile(file.path, file.error));
  return all;
}

}  // namespace seshat::cli
