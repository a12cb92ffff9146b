// A command as data: parsing, help, completion and docs/cli.md are all made from it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/exit_code.h"
#include "core/base/error.h"

namespace seshat::cli {

class Invocation;

struct FlagSpec {
  std::string_view name;        // "--to"
  std::string_view value_name;  // "DIR"; empty: the flag has no value
  std::string_view help;
  std::string_view choices = {};  // "raw|processed|all"
  bool repeatable = false;
};

struct ArgumentSpec {
  std::string_view name;  // "id"
  std::string_view help;
  bool required = true;
  bool repeatable = false;
  std::string_view choices = {};
};

struct Example {
  std::string_view line;
  std::string_view what;
};

// One field of what --json prints, for docs/cli.md and its test.
struct JsonField {
  std::string name;  // "hits[].session_id"; a trailing '?': may be left out
  std::string type;  // "text", "number", "boolean", "array", "object", "time", "any"; a trailing '?': may be null
  std::string help;
};

struct Command {
  std::string_view name;
  std::string_view summary;      // one line
  std::string_view description;  // whole sentences; may be empty
  std::vector<Example> examples;
  std::vector<ArgumentSpec> arguments;
  std::vector<FlagSpec> flags;
  std::vector<JsonField> json;  // empty: --json is refused
  Result<ExitCode> (*run)(Invocation&) = nullptr;

  const FlagSpec* FindFlag(std::string_view flag) const;
};

// In the order in which help shows them.
std::span<const Command* const> AllCommands();
const Command* FindCommand(std::string_view name);
// Flags that every command takes: --json, --config, …
std::span<const FlagSpec> GlobalFlags();

}  // namespace seshat::cli
