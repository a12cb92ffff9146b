// Runs a program, without a shell, to the end of its output.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "platform/aws_credentials/surroundings.h"

namespace seshat::aws {

// `environment` as "NAME=value"; its PATH is where a program without a '/' is looked for. The program gets no input, and
// what it writes to stderr is dropped: nobody can say whether that holds a secret. The program and what it left running
// in its process group are killed when the time is over or `stop` was triggered.
Result<CommandResult> RunCommand(const CommandToRun& command, const std::vector<std::string>& environment,
                                 std::stop_token stop);

// A command line into words, by the shell's rules for blanks, quotes and backslashes; nothing else is special, so '$',
// '*' and ';' are letters. kInvalidArgument for a quote without its end, or no word at all.
Result<std::vector<std::string>> SplitCommandLine(std::string_view line);

}  // namespace seshat::aws
