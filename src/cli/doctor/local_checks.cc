#include "cli/doctor/local_checks.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "composition/adapter_table.h"
#include "composition/composition.h"
#include "composition/config/units.h"
#include "composition/directories.h"
#include "composition/remedies.h"
#include "core/base/time.h"
#include "platform/sqlite/database.h"

namespace seshat::cli::doctor {
namespace {

using composition::Place;

// The directory itself, or the nearest one above it that exists.
std::filesystem::path Existing(std::filesystem::path path) {
  std::error_code error;
  while (!std::filesystem::is_directory(path, error) && path.has_relative_path()) path = path.parent_path();
  return path;
}

Finding CheckWritable(const std::string& check, const std::filesystem::path& directory) {
  const auto there = Existing(directory);
  if (::access(there.c_str(), W_OK | X_OK) != 0)
    return {check, Verdict::kProblem, fmt::format("cannot write to {}", there.string()),
            fmt::format("give this user the right to write there (chown, chmod), or choose another directory")};
  struct statvfs disk{};
  if (::statvfs(there.c_str(), &disk) == 0) {
    const uint64_t free = static_cast<uint64_t>(disk.f_bavail) * disk.f_frsize;
    constexpr uint64_t kLittle = 1ULL << 30;
    if (free < kLittle)
      return {check, Verdict::kWarning,
              fmt::format("only {} free in {}", composition::HumanSize(free), directory.string()),
              "free some space before recordings stop"};
    return {check, Verdict::kOk, fmt::format("{}, {} free", directory.string(), composition::HumanSize(free)), ""};
  }
  return {check, Verdict::kOk, directory.string(), ""};
}

Finding CheckSource(const std::string& name, const std::filesystem::path& directory) {
  const std::string check = "source " + name;
  std::error_code error;
  if (!std::filesystem::is_directory(directory, error))
    return {check, Verdict::kProblem, fmt::format("{} is no directory", directory.string()),
            "mount it, or correct sources." + name + ".path"};
  if (::access(directory.c_str(), R_OK | X_OK) != 0)
    return {check, Verdict::kProblem, fmt::format("cannot read {}", directory.string()),
            "give this user the right to read it"};
  return {check, Verdict::kOk, directory.string(), ""};
}

// Beside whatever else uses it, and without changing it.
Finding CheckDatabase(const std::string& check, const std::filesystem::path& path, std::string_view remedy) {
  // Looking at every page of more than this takes longer than people wait.
  constexpr uint64_t kMaxBytes = 1ULL << 30;
  std::error_code none;
  const uint64_t size = std::filesystem::file_size(path, none);
  const auto verdict = [&]() -> Result<std::string> {
    SESHAT_ASSIGN(const auto database, sqlite::Database::Open(path, {.read_only = true}));
    SESHAT_ASSIGN(auto look, database->Prepare(size > kMaxBytes ? "SELECT 'ok' FROM sqlite_schema LIMIT 1"
                                                                : "PRAGMA quick_check(1)"));
    SESHAT_ASSIGN(const bool row, look.Step());
    return row ? std::string(look.Text(0)) : "ok";
  }();
  if (!verdict && verdict.error().code != ErrorCode::kDataLoss)
    return {check, Verdict::kWarning, verdict.error().message, "look at it as the user that runs seshat"};
  if (!verdict) return {check, Verdict::kProblem, verdict.error().message, std::string(remedy)};
  if (*verdict != "ok")
    return {check, Verdict::kProblem, fmt::format("{} is damaged: {}", path.string(), *verdict), std::string(remedy)};
  return {check, Verdict::kOk, path.string(), ""};
}

// Those that are there: a state directory begins without any.
void CheckDatabases(const composition::Config& config, std::vector<Finding>& findings) {
  const auto look = [&](const std::string& check, const std::filesystem::path& path, std::string_view remedy) {
    std::error_code error;
    if (std::filesystem::exists(path, error)) findings.push_back(CheckDatabase(check, path, remedy));
  };
  look("journal", composition::StateDirectory(config) / "journal.db", composition::kJournalRemedy);
  if (const auto bus = composition::ChosenEventBus(config); bus && bus->adapter->place == Place::kDatabase)
    look("event bus", bus->url.rest, composition::kBusRemedy);
  if (const auto index = composition::ChosenMetadataStore(config); index && index->adapter->place == Place::kDatabase)
    look("search index", index->url.rest, composition::kIndexRemedy);
}

// Runs a program silently; its exit status, or -1.
int RunSilently(const std::vector<const char*>& words) {
  std::vector<char*> argv;
  for (const char* word : words) argv.push_back(const_cast<char*>(word));  // NOLINT: execv takes it so
  argv.push_back(nullptr);
  const pid_t child = ::fork();
  if (child < 0) return -1;
  if (child == 0) {
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0) ::_exit(127);
    for (int fd = 0; fd < 3; ++fd) (void)::dup2(null, fd);
    ::execv(argv.front(), argv.data());
    ::_exit(127);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return -1;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

Finding CheckBubblewrap(const composition::Config& config) {
  const std::string check = "processor isolation";
  if (config.Text("processing.isolation") == "none")
    return {check, Verdict::kWarning, "processing.isolation is \"none\": processors can read what Seshat can read",
            "set it to \"bubblewrap\" unless Seshat itself runs in a sandbox"};
  constexpr const char* kProgram = "/usr/bin/bwrap";
  if (::access(kProgram, X_OK) != 0)
    return {check, Verdict::kProblem, "bubblewrap is not installed", "apt-get install bubblewrap"};
  const int status = RunSilently(
      {kProgram, "--unshare-user", "--unshare-net", "--ro-bind", "/", "/", "--dev", "/dev", "/usr/bin/true"});
  if (status != 0)
    return {check, Verdict::kProblem, "bubblewrap cannot make user namespaces here",
            "allow them: sysctl kernel.unprivileged_userns_clone=1 user.max_user_namespaces=10000"};
  return {check, Verdict::kOk, "bubblewrap works", ""};
}

Finding CheckClock() {
  const auto now = std::chrono::system_clock::now();
  // Sessions and leases are stamped with it. This very program was not built in the future.
  if (now < std::chrono::sys_days{std::chrono::year{2026} / 1 / 1})
    return {"clock", Verdict::kProblem, fmt::format("it says {}", FormatTimestamp(now)),
            "set it: timedatectl set-ntp true"};
  return {"clock", Verdict::kOk, FormatTimestamp(std::chrono::floor<std::chrono::seconds>(now)), ""};
}

Finding CheckWatches() {
  std::ifstream file("/proc/sys/fs/inotify/max_user_watches");
  uint64_t watches = 0;
  if (!(file >> watches) || watches >= 8192)
    return {"file notifications", Verdict::kOk, fmt::format("{} watches", watches), ""};
  return {"file notifications", Verdict::kWarning, fmt::format("only {} watches: scans will be relied on", watches),
          "sysctl fs.inotify.max_user_watches=65536"};
}

Finding CheckMetricsAddress(const composition::Config& config) {
  const std::string& address = config.Text("observability.metrics");
  if (address == "off" || address.starts_with("127.") || address.starts_with("[::1]"))
    return {"metrics address", Verdict::kOk, address, ""};
  return {"metrics address", Verdict::kWarning, fmt::format("{} can be read by other machines", address),
          "use 127.0.0.1, and a proxy with a password in front of it"};
}

}  // namespace

void CheckLocal(const composition::Config& config, Findings& findings) {
  if (const auto apart = composition::CheckDirectories(config); !apart)
    findings.push_back({"directories", Verdict::kProblem, apart.error().message, "correct one of the two settings"});
  findings.push_back(CheckWritable("state directory", config.Text("state_dir")));
  if (const auto store = composition::ChosenBlobStore(config); store && store->adapter->place == Place::kDirectory)
    findings.push_back(CheckWritable("store", store->url.rest));
  if (config.Names("sources").empty())
    findings.push_back(
        {"sources", Verdict::kWarning, "none is configured", "seshat up --source DIR, or a [sources.NAME] section"});
  for (const std::string& name : config.Names("sources"))
    findings.push_back(CheckSource(name, config.Text(fmt::format("sources.{}.path", name))));
  CheckDatabases(config, findings);
  findings.push_back(CheckBubblewrap(config));
  findings.push_back(CheckMetricsAddress(config));
}

void CheckMachine(Findings& findings) {
  findings.push_back(CheckClock());
  findings.push_back(CheckWatches());
}

}  // namespace seshat::cli::doctor
