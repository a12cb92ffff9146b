// ProcessorRunner that starts programs of this machine, under bubblewrap.
//
// With kBubblewrap a program sees /usr (and /bin, /lib, … as this machine has them) read-only, its input
// under /in, its outputs under /out, a private /tmp of 64 MiB, and the run's read_only_paths; it has
// namespaces of its own (user, process, network, IPC, UTS, cgroup), no capability, no new privileges, and a
// system-call filter. Where the caller is root, the program runs as an unprivileged user of the machine that
// owns nothing else.
//
// With kNone it is an ordinary child process with limits on time and memory: for a place that is a sandbox
// already (AWS Lambda). It can then read what the caller can read.
//
// Memory is limited by a cgroup (v1 or v2) where one can be made, and by RLIMIT_AS of each process otherwise.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "core/base/error.h"
#include "ports/processor_runner.h"

namespace seshat::process_runner {

enum class ProcessIsolation { kBubblewrap, kNone };

struct ProcessRunnerOptions {
  ProcessIsolation isolation = ProcessIsolation::kBubblewrap;
  std::filesystem::path bubblewrap = "/usr/bin/bwrap";
  // Where cgroups are mounted; another tree in tests.
  std::filesystem::path cgroup_root = "/sys/fs/cgroup";
  // Which cgroup this process is in; another file in tests.
  std::filesystem::path cgroup_of_self = "/proc/self/cgroup";
  // Processes and threads that one run may have at a time. Ours: enough for a thread pool on a large machine,
  // far below what hurts it.
  uint32_t max_processes = 512;
  // The user and group that programs run as where the caller is root: an id outside those that Debian hands
  // out, so that it owns nothing on the machine. Not used otherwise.
  uint32_t unprivileged_id = 231'071;
};

// Tries an empty run first. kUnsupported where this machine cannot isolate, saying what to do (install
// bubblewrap, allow user namespaces).
Result<std::unique_ptr<ProcessorRunner>> MakeProcessRunner(ProcessRunnerOptions options = {});

}  // namespace seshat::process_runner
