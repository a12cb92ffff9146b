// The system calls that a processor may not make, as a BPF program for seccomp(2).
//
// What is left out is what escapes or widens a sandbox, or reaches kernel interfaces that have been a way out
// before: new namespaces, mounts, tracing, key rings, BPF, performance events, io_uring, modules, and sockets
// that are not bound to a network namespace (vsock). Everything else is as usual: scientific programs should
// not notice.
#pragma once

#include <string>

#include "core/base/error.h"

namespace seshat::process_runner {

// kUnsupported where libseccomp knows no filter for this machine.
Result<std::string> MakeSeccompFilter();

}  // namespace seshat::process_runner
