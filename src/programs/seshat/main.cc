// The `seshat` command: finds out what was asked for, runs it, and says how it went.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "cli/arguments.h"
#include "cli/help.h"
#include "cli/invocation.h"
#include "core/base/utf8.h"
#include "platform/posix/core_files.h"

namespace seshat::programs {
namespace {

std::string ErrorText(const Error& error) {
  // Lists of problems come a line each, which must stay lines; everything else is made harmless.
  std::string text;
  std::string_view rest = error.message;
  while (true) {
    const size_t end = rest.find('\n');
    text += EscapeForTerminal(rest.substr(0, end));
    if (end == std::string_view::npos) return text;
    text += "\n       ";
    rest.remove_prefix(end + 1);
  }
}

bool Flag(const std::vector<std::string>& words, std::string_view name) {
  return std::ranges::find(words, name) != words.end();
}

cli::ExitCode RunCommand(cli::ParsedArguments parsed, cli::Console& console) {
  composition::ConfigInputs inputs = composition::ProcessConfigInputs();
  if (const auto file = parsed.flags.find("--config"); file != parsed.flags.end())
    inputs.required_files.emplace_back(file->second.back());
  auto assignments = cli::AssignmentsOfFlags(parsed, inputs.working_directory);
  const auto fail = [&](const Error& error) {
    console.PrintError(ErrorText(error));
    return cli::ExitCodeOf(error.code);
  };
  if (!assignments) return fail(assignments.error());
  inputs.flags = std::move(*assignments);
  cli::Invocation invocation(std::move(parsed), std::move(inputs), console);
  auto result = invocation.command().run(invocation);
  if (!result) return fail(result.error());
  if (auto flushed = console.Flush(); !flushed) return fail(flushed.error());
  return *result;
}

cli::ExitCode Main(const std::vector<std::string>& words) {
  // https://no-color.org: any value but the empty one.
  const char* no_color = std::getenv("NO_COLOR");  // NOLINT(concurrency-mt-unsafe): no other thread yet
  const bool color = (no_color == nullptr || *no_color == '\0') && !Flag(words, "--no-color");
  cli::Console console({.color = color, .quiet = Flag(words, "--quiet")});
  auto parsed = cli::ParseArguments(words);
  if (!parsed) {
    console.PrintError(ErrorText(parsed.error()));
    return cli::ExitCode::kUsage;
  }
  if (parsed->help) {
    console.Print(parsed->command != nullptr ? cli::CommandHelp(*parsed->command, console)
                                             : cli::OverviewHelp(console));
  } else if (parsed->version) {
    console.PrintLine(fmt::format("seshat {}", SESHAT_VERSION));
  } else if (parsed->command == nullptr) {
    fmt::print(stderr, "{}", cli::OverviewHelp(console));
    return cli::ExitCode::kUsage;
  } else {
    return RunCommand(std::move(*parsed), console);
  }
  return console.Flush() ? cli::ExitCode::kOk : cli::ExitCode::kFailed;
}

}  // namespace
}  // namespace seshat::programs

int main(int argc, char** argv) {
  seshat::posix::KeepMemoryOutOfCoreFiles();
  const std::vector<std::string> words(argv + 1, argv + std::max(argc, 1));
  return static_cast<int>(seshat::programs::Main(words));
}
