// Everything outside that credentials are looked for in. Passed in, so that tests own it.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/secret.h"

namespace seshat::aws {

struct CommandToRun {
  std::vector<std::string> arguments;  // the program first; without a '/' it is looked for in PATH
  std::chrono::milliseconds timeout{};
};

struct CommandResult {
  int exit_status = 0;  // 128 + the signal that ended it
  Secret output;        // what it wrote to stdout
};

struct Surroundings {
  // The environment of the process. Any value may be a secret.
  std::map<std::string, Secret, std::less<>> variables;
  // The whole file; kNotFound where there is none.
  std::function<Result<Secret>(const std::filesystem::path&)> read_file;
  // kDeadlineExceeded after the timeout (the program is killed), kCancelled when stopped; an exit status is a result.
  std::function<Result<CommandResult>(const CommandToRun&, std::stop_token)> run_command;

  // A variable that is no secret; nothing where it is absent or empty.
  std::optional<std::string> Variable(std::string_view name) const;
  Secret SecretVariable(std::string_view name) const;
  // "~/x" below HOME, everything else as it is.
  std::filesystem::path Expand(std::string_view path) const;
};

// This process's files and programs, with the environment given.
Surroundings MakeSurroundings(const std::vector<std::pair<std::string, std::string>>& environment);

}  // namespace seshat::aws
