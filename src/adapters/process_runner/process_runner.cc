#include "adapters/process_runner/process_runner.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "adapters/process_runner/bubblewrap_command.h"
#include "adapters/process_runner/input_view.h"
#include "adapters/process_runner/run_cgroup.h"
#include "adapters/process_runner/seccomp_filter.h"
#include "adapters/process_runner/supervise.h"
#include "core/base/utf8.h"
#include "platform/posix/child_process.h"
#include "platform/posix/posix_error.h"
#include "platform/posix/unique_fd.h"

namespace seshat::process_runner {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMaxFiles = 1024;
constexpr int kSignalBase = 128;  // bubblewrap answers 128 + n for a program that signal n ended

struct Pipe {
  posix::UniqueFd read;  // not blocking
  posix::UniqueFd write;
};

Result<Pipe> MakePipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::unexpected(posix::PosixError(errno, "making a pipe"));
  Pipe pipe{posix::UniqueFd(ends[0]), posix::UniqueFd(ends[1])};
  if (::fcntl(pipe.read.get(), F_SETFL, O_NONBLOCK) != 0)
    return std::unexpected(posix::PosixError(errno, "making a pipe"));
  return pipe;
}

std::chrono::microseconds CpuOf(const struct rusage& usage) {
  const auto time = [](const timeval& t) {
    return std::chrono::seconds(t.tv_sec) + std::chrono::microseconds(t.tv_usec);
  };
  return time(usage.ru_utime) + time(usage.ru_stime);
}

bool ReadableByAll(const fs::path& path, mode_t bits) {
  struct stat info{};
  return ::stat(path.c_str(), &info) == 0 && (info.st_mode & bits) == bits;
}

// Before anything is started: a missing program would otherwise look like a failure of the program.
Status CheckFiles(const ProcessorRun& run, bool isolated) {
  struct stat info{};
  const auto regular = [&](const fs::path& path) { return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode); };
  const fs::path program = run.command.front();
  const std::string shown = EscapeForTerminal(program.native());
  if (!regular(program) || ::access(program.c_str(), X_OK) != 0) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("no program at {}: check the processor's command, and that it is executable", shown));
  }
  if (!regular(run.input)) return Fail(ErrorCode::kInvalidArgument, "the input is no regular file");
  for (const ProcessorSibling& sibling : run.siblings)
    if (!regular(sibling.path)) return Fail(ErrorCode::kInvalidArgument, "a sibling is no regular file");
  for (const fs::path& path : run.read_only_paths) {
    if (::access(path.c_str(), F_OK) != 0) {
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("the read-only path {} is not there", EscapeForTerminal(path.native())));
    }
  }
  if (!isolated || IsSystemPath(program)) return {};
  for (const fs::path& path : run.read_only_paths) {
    const auto [end, at] = std::mismatch(path.begin(), path.end(), program.begin(), program.end());
    if (end == path.end()) return {};
  }
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("{} is not seen inside the sandbox: name it in the read-only paths", shown));
}

class ProcessRunner : public ProcessorRunner {
 public:
  ProcessRunner(ProcessRunnerOptions options, std::string filter, std::unique_ptr<RunCgroups> cgroups)
      : options_(std::move(options)), filter_(std::move(filter)), cgroups_(std::move(cgroups)) {
    capabilities_ = {.isolated = isolated(), .limits_memory = true, .limits_time = true};
  }

  const Capabilities& capabilities() const override { return capabilities_; }

  Result<RunReport> Run(const ProcessorRun& run, std::stop_token stop) override {
    SESHAT_TRY(CheckProcessorRun(run));
    SESHAT_TRY(CheckFiles(run, isolated()));
    if (stop.stop_requested()) return Fail(ErrorCode::kCancelled, "the run was stopped before it began");
    return isolated() ? RunIsolated(run, stop) : RunPlain(run, stop);
  }

  // Finds out what works here, with a program that does nothing.
  Status Probe() {
    drop_user_ = ::geteuid() == 0;
    auto first = ProbeOnce();
    if (first || !drop_user_) return first;
    drop_user_ = false;  // root of a container that may not map users
    return ProbeOnce();
  }

 private:
  bool isolated() const { return options_.isolation == ProcessIsolation::kBubblewrap; }

  Status ProbeOnce() {
    std::string directory = (fs::temp_directory_path() / "seshat-probe-XXXXXX").string();
    if (::mkdtemp(directory.data()) == nullptr)
      return std::unexpected(posix::PosixError(errno, "making a temporary directory"));
    const ProcessorRun run{.command = {"/usr/bin/true"},
                           .input = "/usr/bin/true",
                           .input_name = "input",
                           .output_directory = directory,
                           .timeout = std::chrono::seconds(20)};
    const auto report = RunIsolated(run, {});
    (void)::rmdir(directory.c_str());
    if (!report) return std::unexpected(report.error());
    if (report->succeeded()) return {};
    return Fail(ErrorCode::kUnsupported,
                fmt::format("an empty run did not work ({}): {}", report->Describe(), report->log_tail));
  }

  bool CanDropUser(const ProcessorRun& run) const {
    if (!drop_user_ || !ReadableByAll(run.input, S_IROTH)) return false;
    for (const ProcessorSibling& sibling : run.siblings)
      if (!ReadableByAll(sibling.path, S_IROTH)) return false;
    return ReadableByAll(run.command.front(), S_IXOTH);
  }

  Result<std::unique_ptr<RunCgroup>> MakeCgroup(const ProcessorRun& run) {
    if (cgroups_ == nullptr) return nullptr;
    return cgroups_->Make(run.memory_bytes);
  }

  Result<posix::UniqueFd> FilterFile() const {
    posix::UniqueFd fd(::memfd_create("filter", MFD_CLOEXEC));
    if (!fd.valid() || ::pwrite(fd.get(), filter_.data(), filter_.size(), 0) != static_cast<ssize_t>(filter_.size()))
      return std::unexpected(posix::PosixError(errno, "writing the system-call filter"));
    return fd;
  }

  Result<RunReport> RunIsolated(const ProcessorRun& run, const std::stop_token& stop) {
    const bool drop = CanDropUser(run);
    const posix::TwoUserMap users{.inside = kInsideUser, .outside = options_.unprivileged_id};
    if (drop && ::chown(run.output_directory.c_str(), users.outside, users.outside) != 0)
      return std::unexpected(posix::PosixError(errno, "handing over the output directory"));
    SESHAT_ASSIGN(const auto cgroup, MakeCgroup(run));
    SESHAT_ASSIGN(const posix::UniqueFd filter, FilterFile());
    SESHAT_ASSIGN(Pipe status, MakePipe());
    const BubblewrapPlan plan{.bubblewrap = options_.bubblewrap,
                              .drop_user = drop,
                              .limit_memory = cgroup == nullptr,
                              .max_processes = options_.max_processes,
                              .max_files = kMaxFiles};
    posix::ChildPlan child{.argv = BubblewrapCommand(plan, run), .users = drop ? &users : nullptr};
    SESHAT_ASSIGN(auto watched, Start(child, cgroup.get(), {status.write.get(), filter.get()}));
    status.write.Reset();
    watched.supervision.status = std::move(status.read);
    const auto started = watched.started;
    SESHAT_ASSIGN(const Supervised end, Watch(std::move(watched), run, cgroup.get(), stop));
    RunReport report = Report(end, cgroup.get(), started);
    if (end.timed_out || report.end == RunEnd::kOutOfMemory || end.exit_code) return report;
    // bubblewrap ended without ever having started the program.
    return Fail(ErrorCode::kUnsupported,
                "bubblewrap could not set up a sandbox: " +
                    EscapeForTerminal(end.log_tail.empty() ? "no reason given" : end.log_tail));
  }

  Result<RunReport> RunPlain(const ProcessorRun& run, const std::stop_token& stop) {
    SESHAT_ASSIGN(const InputView view, InputView::Make(run));
    SESHAT_ASSIGN(const auto cgroup, MakeCgroup(run));
    const std::string input = view.input().native();
    const std::string output = run.output_directory.native();
    posix::ChildPlan child{.directory = output};
    for (const std::string& word : run.command) child.argv.push_back(ExpandArgument(word, input, output));
    child.environment = {"PATH=/usr/local/bin:/usr/bin:/bin",
                         "HOME=/tmp",
                         "TMPDIR=/tmp",
                         "LANG=C.UTF-8",
                         "SESHAT_INPUT=" + input,
                         "SESHAT_OUTPUT=" + output};
    child.limits = {{RLIMIT_CORE, 0}, {RLIMIT_FSIZE, run.output_bytes}, {RLIMIT_NOFILE, kMaxFiles}};
    if (cgroup == nullptr) child.limits.push_back({RLIMIT_AS, run.memory_bytes});
    SESHAT_ASSIGN(auto watched, Start(child, cgroup.get(), {}));
    const auto started = watched.started;
    SESHAT_ASSIGN(const Supervised end, Watch(std::move(watched), run, cgroup.get(), stop));
    return Report(end, cgroup.get(), started);
  }

  struct Watched {
    std::unique_ptr<posix::ChildProcess> child;
    Supervision supervision;
    std::chrono::steady_clock::time_point started;
  };

  static Result<Watched> Start(posix::ChildPlan& plan, RunCgroup* cgroup, std::initializer_list<int> more) {
    SESHAT_ASSIGN(Pipe output, MakePipe());
    const posix::UniqueFd nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!nothing.valid()) return std::unexpected(posix::PosixError(errno, "opening /dev/null"));
    plan.descriptors = {nothing.get(), output.write.get(), output.write.get()};
    plan.descriptors.insert(plan.descriptors.end(), more);
    if (cgroup != nullptr) plan.before_exec = [cgroup](pid_t pid) { return cgroup->Add(pid); };
    Watched watched{.started = std::chrono::steady_clock::now()};
    SESHAT_ASSIGN(posix::ChildProcess child, posix::StartChild(plan));
    watched.child = std::make_unique<posix::ChildProcess>(std::move(child));
    watched.supervision.child = watched.child.get();
    watched.supervision.output = std::move(output.read);
    return watched;
  }

  static Result<Supervised> Watch(Watched&& watched, const ProcessorRun& run, RunCgroup* cgroup,
                                  const std::stop_token& stop) {
    watched.supervision.deadline = watched.started + run.timeout;
    if (cgroup != nullptr) watched.supervision.kill_more = [cgroup] { cgroup->KillAll(); };
    SESHAT_ASSIGN(Supervised end, Supervise(std::move(watched.supervision), stop));
    if (end.stopped) return Fail(ErrorCode::kCancelled, "the run was stopped");
    return end;
  }

  RunReport Report(const Supervised& end, const RunCgroup* cgroup,
                   std::chrono::steady_clock::time_point started) const {
    RunReport report{
        .log_tail = end.log_tail,
        .wall = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - started),
        .cpu = CpuOf(end.ending.usage),
        .peak_memory_bytes = static_cast<uint64_t>(end.ending.usage.ru_maxrss) * 1024};
    const RunCgroup::Usage usage = cgroup == nullptr ? RunCgroup::Usage{} : cgroup->Read();
    if (cgroup != nullptr) report.peak_memory_bytes = usage.peak_memory_bytes;
    if (usage.cpu) report.cpu = *usage.cpu;
    const int status = end.ending.status;
    const int code = end.exit_code.value_or(WIFEXITED(status) ? WEXITSTATUS(status) : 0);
    if (end.timed_out) {
      report.end = RunEnd::kTimedOut;
    } else if (usage.ran_out_of_memory) {
      report.end = RunEnd::kOutOfMemory;  // whatever the exit status: a shell may hide a killed child
    } else if (!isolated() && WIFSIGNALED(status)) {
      report.end = RunEnd::kSignalled;
      report.signal = WTERMSIG(status);
    } else if (isolated() && code > kSignalBase && code < kSignalBase + NSIG) {
      report.end = RunEnd::kSignalled;
      report.signal = code - kSignalBase;
    } else {
      report.exit_status = code;
    }
    return report;
  }

  ProcessRunnerOptions options_;
  std::string filter_;
  std::unique_ptr<RunCgroups> cgroups_;
  Capabilities capabilities_;
  bool drop_user_ = false;
};

}  // namespace

Result<std::unique_ptr<ProcessorRunner>> MakeProcessRunner(ProcessRunnerOptions options) {
  auto cgroups = FindRunCgroups(options.cgroup_root, options.cgroup_of_self);
  if (options.isolation == ProcessIsolation::kNone)
    return std::make_unique<ProcessRunner>(std::move(options), "", std::move(cgroups));
  if (::access(options.bubblewrap.c_str(), X_OK) != 0) {
    return Fail(ErrorCode::kUnsupported, fmt::format("cannot isolate processors: there is no {}; install the "
                                                     "package bubblewrap",
                                                     options.bubblewrap.string()));
  }
  SESHAT_ASSIGN(std::string filter, MakeSeccompFilter());
  auto runner = std::make_unique<ProcessRunner>(std::move(options), std::move(filter), std::move(cgroups));
  if (auto works = runner->Probe(); !works) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("cannot isolate processors on this machine ({}): allow user namespaces "
                            "(sysctl user.max_user_namespaces above 0, and "
                            "kernel.apparmor_restrict_unprivileged_userns=0 where it exists), or run the "
                            "worker where they are",
                            works.error().message));
  }
  return runner;
}

}  // namespace seshat::process_runner
