#include "composition/running.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "core/records/json_fields.h"
#include "platform/posix/posix_error.h"
#include "platform/posix/unique_fd.h"

namespace seshat::composition {
namespace {

class Mark : public RunningMark {
 public:
  Mark(std::filesystem::path path, posix::UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  // Removed before the lock goes, so that nobody ever reads a file whose process is not there.
  ~Mark() override { (void)::unlink(path_.c_str()); }
  Mark(const Mark&) = delete;
  Mark& operator=(const Mark&) = delete;

 private:
  std::filesystem::path path_;
  posix::UniqueFd fd_;
};

std::string Encode(const RunningProcess& process) {
  const boost::json::object all{{"pid", process.pid},
                                {"roles", boost::json::value_from(process.roles)},
                                {"host", process.host},
                                {"metrics_address", process.metrics_address},
                                {"started_at", FormatTimestamp(process.started_at)}};
  return boost::json::serialize(all) + "\n";
}

Result<RunningProcess> Decode(std::string_view text) {
  SESHAT_ASSIGN(const boost::json::value value, json::Parse(text, "the running process"));
  json::Reader reader(value, "the running process");
  RunningProcess process;
  process.pid = static_cast<int64_t>(reader.Unsigned("pid"));
  process.host = reader.String("host");
  process.metrics_address = reader.String("metrics_address");
  process.started_at = reader.Time("started_at");
  for (const boost::json::value& role : reader.Array("roles")) {
    if (role.is_string()) process.roles.emplace_back(role.as_string());
  }
  SESHAT_TRY(reader.status());
  return process;
}

// What processes left that were killed. A lock that can be had is one that its process does not hold any more.
void RemoveDead(const std::filesystem::path& directory) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    if (entry.path().extension() != ".json") continue;
    const posix::UniqueFd fd(::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (fd.valid() && ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) (void)::unlink(entry.path().c_str());
  }
}

}  // namespace

Result<std::unique_ptr<RunningMark>> AnnounceRunning(const std::filesystem::path& state_directory,
                                                     const RunningProcess& process) {
  const auto directory = state_directory / "run";
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  RemoveDead(directory);
  const auto path = directory / fmt::format("{}.json", process.pid);
  const auto failed = [&] {
    return std::unexpected(posix::PosixError(errno, fmt::format("writing {}", path.string())));
  };
  // It gets its name when it is locked and whole: nobody takes it for one of a dead process, or reads half of it.
  const auto unnamed = directory / fmt::format(".{}", process.pid);
  posix::UniqueFd fd(::open(unnamed.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!fd.valid() || ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return failed();
  const std::string text = Encode(process);
  if (::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) return failed();
  if (::rename(unnamed.c_str(), path.c_str()) != 0) return failed();
  return std::make_unique<Mark>(path, std::move(fd));
}

std::vector<RunningProcess> ListRunning(const std::filesystem::path& state_directory) {
  std::vector<RunningProcess> all;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(state_directory / "run", error)) {
    if (entry.path().extension() != ".json") continue;
    const posix::UniqueFd fd(::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!fd.valid()) continue;
    // A lock that can be had is a lock that its process does not hold any more.
    if (::flock(fd.get(), LOCK_SH | LOCK_NB) == 0) continue;
    std::string text(4096, '\0');
    const ssize_t got = ::read(fd.get(), text.data(), text.size());
    text.resize(static_cast<size_t>(std::max<ssize_t>(got, 0)));
    if (auto process = Decode(text)) all.push_back(std::move(*process));
  }
  std::ranges::sort(all, {}, &RunningProcess::pid);
  return all;
}

}  // namespace seshat::composition
