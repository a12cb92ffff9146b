#include "platform/posix/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "platform/posix/pidfd.h"
#include "platform/posix/posix_error.h"

namespace seshat::posix {
namespace {

constexpr int kAside = 64;  // descriptors are moved up here before they go to their places

// Everything the child needs, laid out before fork: it may not allocate.
struct Prepared {
  std::vector<char*> argv;
  std::vector<char*> environment;
  std::vector<int> descriptors;
  const char* directory;
  const ResourceLimit* limits;
  size_t limit_count;
  bool new_users;
  pid_t parent;
  int ready;   // to the parent: one byte once the user namespace is there
  int go;      // from the parent: one byte to go on
  int failed;  // to the parent: errno; closed by exec
};

[[noreturn]] void Give(int failed) {
  const int error_number = errno;
  (void)!::write(failed, &error_number, sizeof error_number);
  ::_exit(127);
}

void DefaultSignals() {
  for (int number = 1; number < NSIG; ++number) (void)::signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  // The child has one thread. NOLINTNEXTLINE(concurrency-mt-unsafe)
  (void)::sigprocmask(SIG_SETMASK, &none, nullptr);
}

// Returns the new place of `failed`.
int PlaceDescriptors(Prepared& p) {
  const int failed = ::fcntl(p.failed, F_DUPFD_CLOEXEC, kAside);
  if (failed < 0) Give(p.failed);
  for (int& fd : p.descriptors) {
    fd = ::fcntl(fd, F_DUPFD_CLOEXEC, kAside);
    if (fd < 0) Give(failed);
  }
  int next = 0;
  for (const int fd : p.descriptors)
    if (::dup2(fd, next++) < 0) Give(failed);
  if (::close_range(static_cast<unsigned>(next), ~0U, CLOSE_RANGE_CLOEXEC) != 0) Give(failed);
  return failed;
}

// Becomes root of its own user namespace, once the parent has said who is who there.
void EnterUsers(const Prepared& p) {
  if (::unshare(CLONE_NEWUSER) != 0) Give(p.failed);
  if (::write(p.ready, "", 1) != 1) Give(p.failed);
}

void AwaitGo(const Prepared& p) {
  char byte = 0;
  while (true) {
    const ssize_t n = ::read(p.go, &byte, 1);
    if (n == 1) return;
    if (n < 0 && errno == EINTR) continue;
    ::_exit(127);  // the parent gave up, and has its reason
  }
}

// What else this process has open, the child must not keep even until exec: if we are killed meanwhile, a lock would
// stay taken, and a pipe of another child that is starting would never end.
void CloseTheRest(const Prepared& p) {
  const auto is_ours = [&](unsigned fd) {
    const auto number = static_cast<int>(fd);
    if (number == p.ready || number == p.go || number == p.failed) return true;
    for (const int descriptor : p.descriptors)
      if (number == descriptor) return true;
    return false;
  };
  int highest = std::max({p.ready, p.go, p.failed});
  for (const int descriptor : p.descriptors) highest = std::max(highest, descriptor);
  unsigned next = 0;
  for (unsigned fd = 0; fd <= static_cast<unsigned>(highest); ++fd) {
    if (!is_ours(fd)) continue;
    if (fd > next && ::close_range(next, fd - 1, 0) != 0) Give(p.failed);
    next = fd + 1;
  }
  if (::close_range(next, ~0U, 0) != 0) Give(p.failed);
}

[[noreturn]] void RunChild(Prepared& p) {
  CloseTheRest(p);
  DefaultSignals();
  (void)::setpgid(0, 0);
  if (p.new_users) EnterUsers(p);
  AwaitGo(p);
  if (p.new_users && (::setresgid(0, 0, 0) != 0 || ::setresuid(0, 0, 0) != 0 || ::setgroups(0, nullptr) != 0))
    Give(p.failed);
  const int failed = PlaceDescriptors(p);
  for (size_t i = 0; i < p.limit_count; ++i) {
    const rlimit limit{p.limits[i].value, p.limits[i].value};
    // Not above what we are allowed ourselves: the lower of the two.
    rlimit ours{};
    if (::getrlimit(static_cast<__rlimit_resource>(p.limits[i].resource), &ours) != 0) Give(failed);
    if (ours.rlim_max < limit.rlim_max) continue;
    if (::setrlimit(static_cast<__rlimit_resource>(p.limits[i].resource), &limit) != 0) Give(failed);
  }
  ::umask(022);
  if (::chdir(p.directory) != 0) Give(failed);
  // If we are killed, so is it; where that happened already, its parent is another by now.
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) Give(failed);
  if (::getppid() != p.parent) ::_exit(127);
  ::execve(p.argv[0], p.argv.data(), p.environment.data());
  Give(failed);
}

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

Result<Pipe> MakePipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::unexpected(PosixError(errno, "making a pipe"));
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  // execve(2) takes them as not const for history's sake, and changes nothing.
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// The bytes until the end of the pipe, at most `size`.
size_t ReadFully(int fd, void* to, size_t size) {
  size_t done = 0;
  while (done < size) {
    const ssize_t n = ::read(fd, static_cast<char*>(to) + done, size - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    done += static_cast<size_t>(n);
  }
  return done;
}

Status WriteMap(pid_t pid, const char* which, const std::string& map) {
  const std::string file = fmt::format("/proc/{}/{}", pid, which);
  const UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd.valid() || ::write(fd.get(), map.data(), map.size()) != static_cast<ssize_t>(map.size()))
    return std::unexpected(PosixError(errno, fmt::format("writing the {} of a sandbox", which)));
  return {};
}

Status Arrange(const ChildPlan& plan, pid_t pid, int ready) {
  if (plan.users != nullptr) {
    char byte = 0;
    if (ReadFully(ready, &byte, 1) != 1) return {};  // its reason is in the other pipe
    const std::string map = fmt::format("0 0 1\n{} {} 1\n", plan.users->inside, plan.users->outside);
    SESHAT_TRY(WriteMap(pid, "uid_map", map));
    SESHAT_TRY(WriteMap(pid, "gid_map", map));
  }
  return plan.before_exec ? plan.before_exec(pid) : Status();
}

}  // namespace

ChildProcess::~ChildProcess() {
  if (pid_ < 0) return;
  KillGroup();
  (void)Reap();
}

void ChildProcess::KillGroup() const {
  if (pid_ > 0) {
    (void)::kill(-pid_, SIGKILL);
    (void)::kill(pid_, SIGKILL);  // before it became the leader of its group
  }
}

ChildProcess::Ending ChildProcess::Reap() {
  Ending ending;
  while (::wait4(pid_, &ending.status, 0, &ending.usage) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return ending;
}

Result<ChildProcess> StartChild(const ChildPlan& plan) {
  SESHAT_ASSIGN(Pipe ready, MakePipe());
  SESHAT_ASSIGN(Pipe go, MakePipe());
  SESHAT_ASSIGN(Pipe failed, MakePipe());
  Prepared prepared{.argv = Pointers(plan.argv),
                    .environment = Pointers(plan.environment),
                    .descriptors = plan.descriptors,
                    .directory = plan.directory.c_str(),
                    .limits = plan.limits.data(),
                    .limit_count = plan.limits.size(),
                    .new_users = plan.users != nullptr,
                    .parent = ::getpid(),
                    .ready = ready.write.get(),
                    .go = go.read.get(),
                    .failed = failed.write.get()};
  // Signals wait until the child has its own dispositions: no handler of ours may run there.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  (void)::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = ::fork();
  if (pid == 0) RunChild(prepared);
  const int fork_error = errno;
  (void)::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid < 0) return std::unexpected(PosixError(fork_error, "starting a process"));
  UniqueFd pidfd = OpenPidfd(pid);
  const int pidfd_error = errno;
  ChildProcess child(pid, std::move(pidfd));
  if (child.pidfd() < 0) return std::unexpected(PosixError(pidfd_error, "watching a process"));
  ready.write.Reset();
  failed.write.Reset();
  SESHAT_TRY(Arrange(plan, pid, ready.read.get()));
  (void)!::write(go.write.get(), "", 1);  // SIGPIPE cannot be: we hold the reading end too
  int error_number = 0;
  if (ReadFully(failed.read.get(), &error_number, sizeof error_number) == sizeof error_number)
    return std::unexpected(PosixError(error_number, fmt::format("starting {}", plan.argv.front())));
  return child;
}

}  // namespace seshat::posix
