// A cgroup around one run: a limit on the memory of all its processes together, and what they used.
//
// Version 2 (one tree) is used where its memory controller can be had below our own cgroup, version 1 (a tree
// for each controller) where its memory tree is mounted and writable.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "core/base/error.h"

namespace seshat::process_runner {

class RunCgroup {
 public:
  struct Usage {
    uint64_t peak_memory_bytes = 0;
    bool ran_out_of_memory = false;
    std::optional<std::chrono::microseconds> cpu;
  };

  virtual ~RunCgroup() = default;  // removes the cgroup; what is still in it is killed first
  virtual Status Add(pid_t process) = 0;
  virtual void KillAll() = 0;
  virtual Usage Read() const = 0;
};

class RunCgroups {
 public:
  virtual ~RunCgroups() = default;
  virtual Result<std::unique_ptr<RunCgroup>> Make(uint64_t memory_bytes) = 0;
};

// Null where no memory cgroup can be made here. `root` is where cgroups are mounted ("/sys/fs/cgroup"), `self`
// the file that names ours ("/proc/self/cgroup"). Removes what crashed processes of ours left.
std::unique_ptr<RunCgroups> FindRunCgroups(const std::filesystem::path& root, const std::filesystem::path& self);

}  // namespace seshat::process_runner
