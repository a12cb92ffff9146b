// Starting a program and holding on to it.
//
// Between fork and exec the child makes only async-signal-safe calls, since this process has threads. It waits
// there until its parent has arranged what only a parent can (cgroup, user map).
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "platform/posix/unique_fd.h"

namespace seshat::posix {

struct ResourceLimit {
  int resource;
  uint64_t value;
};

// In a new user namespace that knows two users: 0, who is us (root), and `inside`, who is `outside`.
struct TwoUserMap {
  uint32_t inside = 0;
  uint32_t outside = 0;
};

struct ChildPlan {
  std::vector<std::string> argv;
  std::vector<std::string> environment;  // "NAME=value"; nothing of ours is added
  std::string directory = "/";
  std::vector<int> descriptors;  // become 0, 1, 2, … in the child, which has no other
  std::vector<ResourceLimit> limits;
  const TwoUserMap* users = nullptr;
  std::function<Status(pid_t)> before_exec;  // in the parent; an error ends the child
};

class ChildProcess {
 public:
  ChildProcess() = default;
  ChildProcess(pid_t pid, UniqueFd pidfd) : pid_(pid), pidfd_(std::move(pidfd)) {}
  ChildProcess(ChildProcess&& other) noexcept : pid_(std::exchange(other.pid_, -1)), pidfd_(std::move(other.pidfd_)) {}
  ChildProcess& operator=(ChildProcess&&) = delete;
  ~ChildProcess();  // kills and reaps what was not reaped

  pid_t pid() const { return pid_; }
  int pidfd() const { return pidfd_.get(); }  // readable once it has ended
  void KillGroup() const;                     // it leads a process group of its own

  struct Ending {
    int status = 0;  // as of waitpid(2)
    struct rusage usage{};
  };
  Ending Reap();  // blocks until it has ended

 private:
  pid_t pid_ = -1;
  UniqueFd pidfd_;
};

// kResourceExhausted and kUnavailable where no process can be made; kNotFound, kPermissionDenied and so on from
// exec.
Result<ChildProcess> StartChild(const ChildPlan& plan);

}  // namespace seshat::posix
