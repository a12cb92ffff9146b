#include "adapters/process_runner/seccomp_filter.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <memory>

#include "platform/posix/posix_error.h"
#include "platform/posix/unique_fd.h"

namespace seshat::process_runner {
namespace {

// By name: libseccomp knows more of them than the headers that we are compiled with, and skips what an
// architecture lacks.
constexpr std::array kForbidden = {
    "unshare",
    "setns",
    "mount",
    "umount",
    "umount2",
    "pivot_root",
    "chroot",
    "move_mount",
    "open_tree",
    "fsopen",
    "fsconfig",
    "fsmount",
    "fspick",
    "mount_setattr",
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "kcmp",
    "pidfd_getfd",
    "keyctl",
    "add_key",
    "request_key",
    "bpf",
    "perf_event_open",
    "userfaultfd",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
    "kexec_load",
    "kexec_file_load",
    "init_module",
    "finit_module",
    "delete_module",
    "swapon",
    "swapoff",
    "reboot",
    "acct",
    "quotactl",
    "quotactl_fd",
    "open_by_handle_at",
    "name_to_handle_at",
    "lookup_dcookie",
    "syslog",
    "settimeofday",
    "clock_settime",
    "clock_adjtime",
    "adjtimex",
    "sethostname",
    "setdomainname",
    "fanotify_init",
    "vhangup",
    "iopl",
    "ioperm",
    "nfsservctl",
    "uselib",
    "move_pages",
    "mbind",
    "migrate_pages",
};

constexpr std::array kNamespaceFlags = {CLONE_NEWNS,   CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
                                        CLONE_NEWUSER, CLONE_NEWPID,    CLONE_NEWNET};

struct Release {
  void operator()(void* context) const { seccomp_release(context); }
};

int Refuse(scmp_filter_ctx context, const char* name, int error_number) {
  const int call = seccomp_syscall_resolve_name(name);
  if (call == __NR_SCMP_ERROR) return 0;  // this libseccomp has never heard of it
  return seccomp_rule_add(context, SCMP_ACT_ERRNO(static_cast<uint16_t>(error_number)), call, 0);
}

int RefuseNamespaces(scmp_filter_ctx context) {
  for (const int flag : kNamespaceFlags) {
    const auto bit = static_cast<scmp_datum_t>(static_cast<uint32_t>(flag));
    const int failed =
        seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1, SCMP_A0(SCMP_CMP_MASKED_EQ, bit, bit));
    if (failed != 0) return failed;
  }
  // The flags of clone3 lie in memory, where a filter cannot look: libraries fall back to clone on ENOSYS.
  return Refuse(context, "clone3", ENOSYS);
}

// Only the families of the run's own network namespace; AF_VSOCK reaches the host from any.
int RefuseSockets(scmp_filter_ctx context) {
  const auto refuse = [&](scmp_arg_cmp compare) {
    return seccomp_rule_add(context, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1, compare);
  };
  for (int family = 0; family <= AF_NETLINK; ++family) {
    if (family == AF_UNIX || family == AF_INET || family == AF_INET6 || family == AF_NETLINK) continue;
    const int failed = refuse(SCMP_A0_32(SCMP_CMP_EQ, static_cast<uint32_t>(family)));
    if (failed != 0) return failed;
  }
  return refuse(SCMP_A0_32(SCMP_CMP_GT, static_cast<uint32_t>(AF_NETLINK)));
}

int AddRules(scmp_filter_ctx context) {
  for (const char* name : kForbidden)
    if (const int failed = Refuse(context, name, EPERM); failed != 0) return failed;
  if (const int failed = RefuseNamespaces(context); failed != 0) return failed;
  if (const int failed = RefuseSockets(context); failed != 0) return failed;
  // Typing into the terminal of whoever started us.
  return seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1,
                          SCMP_A1_32(SCMP_CMP_EQ, static_cast<uint32_t>(TIOCSTI)));
}

}  // namespace

Result<std::string> MakeSeccompFilter() {
  const std::unique_ptr<void, Release> context(seccomp_init(SCMP_ACT_ALLOW));
  if (context == nullptr) return Fail(ErrorCode::kUnsupported, "libseccomp does not know this machine");
  if (const int failed = AddRules(context.get()); failed != 0)
    return std::unexpected(posix::PosixError(-failed, "making the system-call filter").WithContext("seccomp"));
  const posix::UniqueFd file(::memfd_create("filter", MFD_CLOEXEC));
  if (!file.valid() || seccomp_export_bpf(context.get(), file.get()) != 0)
    return Fail(ErrorCode::kResourceExhausted, "cannot write down the system-call filter");
  const off_t size = ::lseek(file.get(), 0, SEEK_END);
  std::string program(static_cast<size_t>(size > 0 ? size : 0), '\0');
  if (program.empty() || ::pread(file.get(), program.data(), program.size(), 0) != size)
    return Fail(ErrorCode::kResourceExhausted, "cannot read the system-call filter back");
  return program;
}

}  // namespace seshat::process_runner
