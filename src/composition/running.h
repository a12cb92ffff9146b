// Which Seshat processes work on a state directory at the moment: <state_dir>/run/<pid>.json, locked by its
// process for as long as it lives, so that a crash leaves nothing that could be taken for alive.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/time.h"

namespace seshat::composition {

struct RunningProcess {
  int64_t pid = 0;
  std::vector<std::string> roles;  // "agent", "process", "index"
  std::string host;
  std::string metrics_address;  // "127.0.0.1:41234"; empty: off
  Timestamp started_at{};
};

// Withdraws the announcement when it goes.
class RunningMark {
 public:
  virtual ~RunningMark() = default;
};

Result<std::unique_ptr<RunningMark>> AnnounceRunning(const std::filesystem::path& state_directory,
                                                     const RunningProcess& process);
// By pid; files of processes that are gone are left out.
std::vector<RunningProcess> ListRunning(const std::filesystem::path& state_directory);

}  // namespace seshat::composition
