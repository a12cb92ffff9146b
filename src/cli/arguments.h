// The command line, parsed by the table of commands.
//
// Ours, and not a library's: words of a query come as arguments of their own ("seshat search [1 TO 5] status"),
// and the library at hand takes brackets for lists and words for further commands.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"
#include "core/base/error.h"

namespace seshat::cli {

struct ParsedArguments {
  const Command* command = nullptr;                                    // null: none was named
  std::map<std::string, std::vector<std::string>, std::less<>> flags;  // "--to" → its values; "" without one
  std::vector<std::string> arguments;
  bool help = false;
  bool version = false;
};

// `words` without the program's name. Flags may stand anywhere: "--to DIR" or "--to=DIR"; what follows "--" is
// an argument. kInvalidArgument says what is wrong and what may have been meant.
Result<ParsedArguments> ParseArguments(std::span<const std::string> words);

}  // namespace seshat::cli
