#include "cli/help.h"

#include <fmt/format.h>

#include "cli/commands/commands.h"
#include "cli/invocation.h"
#include "core/base/nearest_name.h"

namespace seshat::cli {
namespace {

Result<ExitCode> Run(Invocation& invocation) {
  Console& console = invocation.console();
  if (invocation.Has("--markdown")) {
    console.Print(CliAsMarkdown());
  } else if (invocation.arguments().empty()) {
    console.Print(OverviewHelp(console));
  } else {
    const std::string& name = invocation.arguments().front();
    const Command* command = FindCommand(name);
    std::vector<std::string> names;
    for (const Command* each : AllCommands()) names.emplace_back(each->name);
    if (command == nullptr)
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("there is no command '{}'{}", name, DidYouMean(name, names)));
    console.Print(CommandHelp(*command, console));
  }
  return ExitCode::kOk;
}

}  // namespace

const Command kHelpCommand{
    .name = "help",
    .summary = "Explain a command.",
    .examples = {{"seshat help get", "the same as seshat get --help"}, {"seshat help --markdown", "docs/cli.md"}},
    .arguments = {{"command", "The command.", false}},
    .flags = {{"--markdown", "", "All commands as one page of documentation."}},
    .run = Run,
};

}  // namespace seshat::cli
