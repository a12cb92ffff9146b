// Runs a program of this build as a user would, with an environment of its own.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace seshat::testing {

struct ProgramResult {
  int status = -1;  // exit status, or 128 + the signal that ended it
  std::string out;
  std::string err;
};

using Variables = std::vector<std::pair<std::string, std::string>>;

// A program in the background; killed and reaped by the destructor where it still runs. Its output goes to files
// under `directory`.
class RunningProgram {
 public:
  RunningProgram(const std::vector<std::string>& command, const Variables& environment,
                 const std::filesystem::path& directory);
  ~RunningProgram();
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;

  void Signal(int signal) const;
  // Nothing where it still runs after `limit`.
  std::optional<ProgramResult> Wait(std::chrono::seconds limit);
  std::string Out() const;
  std::string Err() const;

 private:
  pid_t pid_ = -1;
  std::filesystem::path out_;
  std::filesystem::path err_;
};

// To its end; a program that takes more than two minutes is killed.
ProgramResult RunProgram(const std::vector<std::string>& command, const Variables& environment);

}  // namespace seshat::testing
