#include "adapters/process_runner/bubblewrap_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

namespace seshat::process_runner {
namespace {

namespace fs = std::filesystem;

constexpr const char* kInputDirectory = "/in";
constexpr const char* kOutputDirectory = "/out";
constexpr const char* kTemporaryBytes = "67108864";  // 64 MiB: it is memory
constexpr std::array kSystemFolders = {"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"};

class Arguments {
 public:
  void Add(std::initializer_list<std::string_view> words) {
    for (const std::string_view word : words) words_.emplace_back(word);
  }

  // bubblewrap makes missing parents for its own user only.
  void AddParents(const fs::path& path) {
    fs::path parent;
    for (const fs::path& part : path.parent_path()) {
      parent /= part;
      if (parent == path.root_path() || !made_.insert(parent).second) continue;
      Add({"--perms", "0755", "--dir", parent.native()});
    }
  }

  std::vector<std::string> Take() { return std::move(words_); }

 private:
  std::vector<std::string> words_;
  std::set<fs::path> made_{"/tmp", "/proc", "/dev", "/usr", "/etc"};
};

// On Debian these are links into /usr; elsewhere they may be directories of their own.
void AddSystem(Arguments& arguments) {
  arguments.Add({"--ro-bind", "/usr", "/usr"});
  for (const char* folder : kSystemFolders) {
    std::error_code error;
    if (fs::is_symlink(folder, error)) {
      const fs::path target = fs::read_symlink(folder, error);
      if (!error) arguments.Add({"--symlink", target.native(), folder});
    } else if (fs::is_directory(folder, error)) {
      arguments.Add({"--ro-bind", folder, folder});
    }
  }
  arguments.Add({"--perms", "0755", "--dir", "/etc"});
  for (const char* file : {"/etc/ld.so.cache", "/etc/alternatives"}) arguments.Add({"--ro-bind-try", file, file});
  arguments.Add({"--proc", "/proc", "--dev", "/dev"});
  for (const char* folder : {"/tmp", "/dev/shm"})
    arguments.Add({"--perms", "1777", "--size", kTemporaryBytes, "--tmpfs", folder});
}

void AddFiles(Arguments& arguments, const ProcessorRun& run, const std::string& input) {
  for (const fs::path& path : run.read_only_paths) {
    if (IsSystemPath(path)) continue;
    arguments.AddParents(path);
    arguments.Add({"--ro-bind", path.native(), path.native()});
  }
  arguments.Add({"--perms", "0755", "--dir", kInputDirectory});
  arguments.Add({"--ro-bind", run.input.native(), input});
  for (const ProcessorSibling& sibling : run.siblings)
    arguments.Add({"--ro-bind", sibling.path.native(), fmt::format("{}/{}", kInputDirectory, sibling.name)});
  arguments.Add({"--bind", run.output_directory.native(), kOutputDirectory});
}

// bubblewrap leaves limits alone, so programs of util-linux set them, inside.
void AddLimits(Arguments& arguments, const BubblewrapPlan& plan, const ProcessorRun& run) {
  if (plan.drop_user) {
    const std::string user = std::to_string(kInsideUser);
    arguments.Add({"/usr/bin/setpriv", "--reuid=" + user, "--regid=" + user, "--clear-groups", "--bounding-set=-all",
                   "--inh-caps=-all", "--"});
    // bubblewrap itself, as root without capabilities, could not enter a directory that is the user's own.
    arguments.Add({"/usr/bin/env", fmt::format("--chdir={}", kOutputDirectory), "--"});
  }
  const auto limit = [](std::string_view name, uint64_t value) {
    return fmt::format("--{}={}:{}", name, value, value);
  };
  arguments.Add({"/usr/bin/prlimit", "--core=0:0", limit("fsize", run.output_bytes), limit("nofile", plan.max_files),
                 limit("nproc", plan.max_processes)});
  if (plan.limit_memory) arguments.Add({limit("as", run.memory_bytes)});
  arguments.Add({"--"});
}

}  // namespace

bool IsSystemPath(const fs::path& path) {
  const fs::path clean = path.lexically_normal();
  const auto below = [&](const fs::path& folder) {
    const auto [end, at] = std::mismatch(folder.begin(), folder.end(), clean.begin(), clean.end());
    return end == folder.end();
  };
  if (below("/usr")) return true;
  for (const char* folder : kSystemFolders)
    if (below(folder)) return true;
  return false;
}

std::vector<std::string> BubblewrapCommand(const BubblewrapPlan& plan, const ProcessorRun& run) {
  const std::string input = fmt::format("{}/{}", kInputDirectory, run.input_name);
  Arguments arguments;
  arguments.Add({plan.bubblewrap.native(), "--unshare-pid", "--unshare-ipc", "--unshare-net", "--unshare-uts",
                 "--unshare-cgroup-try", "--hostname", "box", "--die-with-parent", "--new-session", "--clearenv",
                 "--cap-drop", "ALL"});
  if (plan.drop_user) {
    arguments.Add({"--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_SETPCAP"});
  } else {
    const std::string user = std::to_string(kInsideUser);
    arguments.Add({"--unshare-user", "--uid", user, "--gid", user, "--disable-userns", "--chdir", kOutputDirectory});
  }
  AddSystem(arguments);
  AddFiles(arguments, run, input);
  arguments.Add({"--remount-ro", "/dev", "--remount-ro", "/"});
  const std::pair<std::string_view, std::string_view> environment[] = {{"PATH", "/usr/local/bin:/usr/bin:/bin"},
                                                                       {"HOME", "/tmp"},
                                                                       {"TMPDIR", "/tmp"},
                                                                       {"LANG", "C.UTF-8"},
                                                                       {"SESHAT_INPUT", input},
                                                                       {"SESHAT_OUTPUT", kOutputDirectory}};
  for (const auto& [name, value] : environment) arguments.Add({"--setenv", name, value});
  arguments.Add(
      {"--json-status-fd", std::to_string(plan.status_fd), "--seccomp", std::to_string(plan.filter_fd), "--"});
  AddLimits(arguments, plan, run);
  for (const std::string& word : run.command) arguments.Add({ExpandArgument(word, input, kOutputDirectory)});
  return arguments.Take();
}

}  // namespace seshat::process_runner
