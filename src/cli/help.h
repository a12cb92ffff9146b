// Help for people, completion scripts for shells, and docs/cli.md, all from the table of commands.
#pragma once

#include <string>
#include <string_view>

#include "cli/command.h"
#include "cli/output/console.h"
#include "core/base/error.h"

namespace seshat::cli {

std::string OverviewHelp(const Console& console);
std::string CommandHelp(const Command& command, const Console& console);

// "bash", "zsh" or "fish".
Result<std::string> CompletionScript(std::string_view shell);

std::string CliAsMarkdown();

}  // namespace seshat::cli
