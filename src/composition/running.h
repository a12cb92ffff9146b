// Which Seshat processes work on a state directory at the moment: <state_dir>/run/<pid>.json, locked by its
// process for as long as it lives, so that a crash leaves nothing that could be taken for alive.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "core/base/error.h"
#include "services/operations/running_process.h"

namespace seshat::composition {

using operations::RunningProcess;

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
