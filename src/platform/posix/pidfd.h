// pidfd_open(2) and pidfd_send_signal(2). The C library of Debian 12 declares its own without C linkage.
#pragma once

#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "platform/posix/unique_fd.h"

namespace seshat::posix {

// Not valid, with errno set, where it fails.
inline UniqueFd OpenPidfd(pid_t pid) { return UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))); }

inline bool SignalPidfd(const UniqueFd& process, int number) {
  return ::syscall(SYS_pidfd_send_signal, process.get(), number, nullptr, 0) == 0;
}

}  // namespace seshat::posix
