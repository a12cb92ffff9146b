#include "adapters/process_runner/run_cgroup.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/posix/posix_error.h"
#include "platform/posix/unique_fd.h"

namespace seshat::process_runner {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "seshat-run-";
constexpr uint64_t kUnlimited = UINT64_MAX;

Status WriteText(const fs::path& file, std::string_view text) {
  const posix::UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd.valid() || ::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    return std::unexpected(posix::PosixError(errno, fmt::format("writing to {}", file.string())));
  return {};
}

// Empty where there is nothing to read. These files are small.
std::string ReadText(const fs::path& file) {
  const posix::UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text(fd.valid() ? 65536 : 0, '\0');
  const ssize_t n = fd.valid() ? ::read(fd.get(), text.data(), text.size()) : 0;
  text.resize(n > 0 ? static_cast<size_t>(n) : 0);
  return text;
}

std::optional<uint64_t> ParseNumber(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  return value;
}

// The number behind "name " at the beginning of a line.
uint64_t Field(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.starts_with(name) && line.substr(name.size()).starts_with(' '))
      return ParseNumber(line.substr(name.size() + 1)).value_or(0);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return 0;
}

bool HasWord(std::string_view text, std::string_view word) {
  while (!text.empty()) {
    const size_t end = text.find_first_of(" \n,");
    if (text.substr(0, end) == word) return true;
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return false;
}

struct Version1 {
  static constexpr const char* kLimit = "memory.limit_in_bytes";
  fs::path memory;   // ours, in the tree of the memory controller
  fs::path cpuacct;  // likewise, or empty
};

struct Version2 {
  fs::path parent;
};

void KillMembers(const fs::path& cgroup) {
  const std::string members = ReadText(cgroup / "cgroup.procs");
  std::string_view rest = members;
  while (!rest.empty()) {
    const size_t end = rest.find('\n');
    if (const auto pid = ParseNumber(rest.substr(0, end)); pid && *pid > 1)
      (void)::kill(static_cast<pid_t>(*pid), SIGKILL);
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
}

// The kernel lets go of a cgroup a moment after its last process has gone.
void RemoveCgroup(const fs::path& cgroup) {
  constexpr int kTries = 1000;
  for (int i = 0; i < kTries && ::rmdir(cgroup.c_str()) != 0 && errno == EBUSY; ++i) {
    KillMembers(cgroup);
    (void)::poll(nullptr, 0, 1);
  }
}

class Cgroup1 : public RunCgroup {
 public:
  Cgroup1(fs::path memory, fs::path cpuacct) : memory_(std::move(memory)), cpuacct_(std::move(cpuacct)) {}
  ~Cgroup1() override {
    RemoveCgroup(memory_);
    if (!cpuacct_.empty()) RemoveCgroup(cpuacct_);
  }
  Status Add(pid_t process) override {
    const std::string pid = std::to_string(process);
    if (!cpuacct_.empty()) SESHAT_TRY(WriteText(cpuacct_ / "cgroup.procs", pid));
    return WriteText(memory_ / "cgroup.procs", pid);
  }
  void KillAll() override { KillMembers(memory_); }
  Usage Read() const override {
    Usage usage;
    usage.peak_memory_bytes = ParseNumber(ReadText(memory_ / "memory.max_usage_in_bytes")).value_or(0);
    usage.ran_out_of_memory = Field(ReadText(memory_ / "memory.oom_control"), "oom_kill") > 0;
    if (!cpuacct_.empty()) {
      if (const auto nanoseconds = ParseNumber(ReadText(cpuacct_ / "cpuacct.usage")))
        usage.cpu = std::chrono::microseconds(*nanoseconds / 1000);
    }
    return usage;
  }

 private:
  fs::path memory_;
  fs::path cpuacct_;
};

class Cgroup2 : public RunCgroup {
 public:
  explicit Cgroup2(fs::path path) : path_(std::move(path)) {}
  ~Cgroup2() override { RemoveCgroup(path_); }
  Status Add(pid_t process) override { return WriteText(path_ / "cgroup.procs", std::to_string(process)); }
  void KillAll() override {
    if (!WriteText(path_ / "cgroup.kill", "1")) KillMembers(path_);  // cgroup.kill: since Linux 5.14
  }
  Usage Read() const override {
    Usage usage;
    usage.peak_memory_bytes = ParseNumber(ReadText(path_ / "memory.peak")).value_or(0);  // since Linux 5.19
    usage.ran_out_of_memory = Field(ReadText(path_ / "memory.events"), "oom_kill") > 0;
    if (const std::string stat = ReadText(path_ / "cpu.stat"); !stat.empty())
      usage.cpu = std::chrono::microseconds(Field(stat, "usage_usec"));
    return usage;
  }

 private:
  fs::path path_;
};

std::string NextName() {
  static std::atomic<uint64_t> counter{0};
  return fmt::format("{}{}-{}", kPrefix, ::getpid(), counter.fetch_add(1));
}

Status MakeDirectory(const fs::path& path) {
  if (::mkdir(path.c_str(), 0755) != 0)
    return std::unexpected(posix::PosixError(errno, fmt::format("making the cgroup {}", path.string())));
  return {};
}

class Cgroups1 : public RunCgroups {
 public:
  explicit Cgroups1(Version1 where) : where_(std::move(where)) {}
  Result<std::unique_ptr<RunCgroup>> Make(uint64_t memory_bytes) override {
    const std::string name = NextName();
    SESHAT_TRY(MakeDirectory(where_.memory / name));
    fs::path cpuacct = where_.cpuacct.empty() ? fs::path() : where_.cpuacct / name;
    if (!cpuacct.empty() && !MakeDirectory(cpuacct)) cpuacct.clear();  // the times are then rougher
    auto made = std::make_unique<Cgroup1>(where_.memory / name, cpuacct);
    SESHAT_TRY(WriteText(where_.memory / name / Version1::kLimit, std::to_string(memory_bytes)));
    // Swap counts too where the kernel accounts for it; most do not.
    (void)WriteText(where_.memory / name / "memory.memsw.limit_in_bytes", std::to_string(memory_bytes));
    return made;
  }

 private:
  Version1 where_;
};

class Cgroups2 : public RunCgroups {
 public:
  explicit Cgroups2(Version2 where) : where_(std::move(where)) {}
  Result<std::unique_ptr<RunCgroup>> Make(uint64_t memory_bytes) override {
    const fs::path path = where_.parent / NextName();
    SESHAT_TRY(MakeDirectory(path));
    auto made = std::make_unique<Cgroup2>(path);
    SESHAT_TRY(WriteText(path / "memory.max", std::to_string(memory_bytes)));
    (void)WriteText(path / "memory.swap.max", "0");  // absent without swap accounting
    (void)WriteText(path / "memory.oom.group", "1");
    return made;
  }

 private:
  Version2 where_;
};

// The path of ours in the tree that `controller` belongs to; "" names version 2's line ("0::/path").
std::optional<std::string> OwnPath(std::string_view self, std::string_view controller) {
  while (!self.empty()) {
    const size_t end = self.find('\n');
    const std::string_view line = self.substr(0, end);
    const size_t first = line.find(':');
    const size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
    if (second != std::string_view::npos) {
      const std::string_view names = line.substr(first + 1, second - first - 1);
      if (controller.empty() ? names.empty() : HasWord(names, controller)) return std::string(line.substr(second + 1));
    }
    if (end == std::string_view::npos) break;
    self.remove_prefix(end + 1);
  }
  return std::nullopt;
}

// Our own cgroup in a tree, or the tree's root where a container sees only a part of it.
fs::path OwnCgroup(const fs::path& tree, const std::string& own) {
  std::error_code ignored;
  const fs::path path = tree / fs::path(own).relative_path();
  return fs::is_directory(path, ignored) ? path : tree;
}

bool Writable(const fs::path& directory) { return ::access(directory.c_str(), W_OK) == 0; }

void RemoveLeftovers(const fs::path& parent) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(parent, error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kPrefix)) continue;
    const auto pid = ParseNumber(std::string_view(name).substr(kPrefix.size()));
    if (pid && ::kill(static_cast<pid_t>(*pid), 0) != 0 && errno == ESRCH) (void)::rmdir(entry.path().c_str());
  }
}

std::unique_ptr<RunCgroups> FindVersion2(const fs::path& root, const std::string& own) {
  const fs::path parent = OwnCgroup(root, own);
  if (!HasWord(ReadText(parent / "cgroup.controllers"), "memory") || !Writable(parent)) return nullptr;
  if (!HasWord(ReadText(parent / "cgroup.subtree_control"), "memory") &&
      !WriteText(parent / "cgroup.subtree_control", "+memory"))
    return nullptr;
  RemoveLeftovers(parent);
  return std::make_unique<Cgroups2>(Version2{parent});
}

}  // namespace

std::unique_ptr<RunCgroups> FindRunCgroups(const fs::path& root, const fs::path& self) {
  const std::string text = ReadText(self);
  if (const auto own = OwnPath(text, "")) {
    if (auto found = FindVersion2(root, *own)) return found;
  }
  const auto own = OwnPath(text, "memory");
  if (!own) return nullptr;
  const fs::path memory = OwnCgroup(root / "memory", *own);
  if (!Writable(memory) || ReadText(memory / Version1::kLimit).empty()) return nullptr;
  fs::path cpuacct;
  if (const auto path = OwnPath(text, "cpuacct")) {
    cpuacct = OwnCgroup(root / "cpuacct", *path);
    if (!Writable(cpuacct)) cpuacct.clear();
  }
  RemoveLeftovers(memory);
  if (!cpuacct.empty()) RemoveLeftovers(cpuacct);
  // A machine can refuse all the same (read-only mounts, no delegation): try.
  auto found = std::make_unique<Cgroups1>(Version1{memory, cpuacct});
  if (!found->Make(kUnlimited >> 2)) return nullptr;
  return found;
}

}  // namespace seshat::process_runner
