// The bubblewrap command line for a run.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "ports/processor_runner.h"

namespace seshat::process_runner {

struct BubblewrapPlan {
  std::filesystem::path bubblewrap;
  bool drop_user = false;    // we are root of a namespace of two users, and the program shall be the other
  bool limit_memory = true;  // by RLIMIT_AS; false where a cgroup does it better
  uint32_t max_processes = 512;
  uint64_t max_files = 1024;
  int status_fd = 3;
  int filter_fd = 4;
};

inline constexpr uint32_t kInsideUser = 65'534;  // "nobody" on Debian

std::vector<std::string> BubblewrapCommand(const BubblewrapPlan& plan, const ProcessorRun& run);

// Whether a program at `path` is seen inside without being named in read_only_paths.
bool IsSystemPath(const std::filesystem::path& path);

}  // namespace seshat::process_runner
