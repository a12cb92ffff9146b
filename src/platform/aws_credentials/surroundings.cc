#include "platform/aws_credentials/surroundings.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

#include "platform/aws_credentials/run_command.h"
#include "platform/posix/posix_error.h"
#include "platform/posix/unique_fd.h"

namespace seshat::aws {
namespace {

// Far above any of these files; /dev/zero must not fill the memory.
constexpr size_t kMaxFileBytes = 4 << 20;

Result<Secret> ReadWholeFile(const std::filesystem::path& path) {
  const std::string doing = fmt::format("reading {}", path.string());
  const posix::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return std::unexpected(posix::PosixError(errno, doing));
  std::string text(4096, '\0');
  size_t done = 0;
  while (true) {
    const ssize_t n = ::read(fd.get(), text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::unexpected(posix::PosixError(errno, doing));
    if (n == 0) break;
    done += static_cast<size_t>(n);
    if (done > kMaxFileBytes)
      return Fail(ErrorCode::kInvalidArgument, fmt::format("{}: it is larger than 4 MiB", doing));
    if (done == text.size()) text.resize(2 * text.size());
  }
  text.resize(done);
  return Secret(std::move(text));
}

}  // namespace

std::optional<std::string> Surroundings::Variable(std::string_view name) const {
  const auto found = variables.find(name);
  if (found == variables.end() || found->second.empty()) return std::nullopt;
  return found->second.Expose();
}

Secret Surroundings::SecretVariable(std::string_view name) const {
  const auto found = variables.find(name);
  return found == variables.end() ? Secret() : found->second;
}

std::filesystem::path Surroundings::Expand(std::string_view path) const {
  if (path != "~" && !path.starts_with("~/")) return path;
  return std::filesystem::path(Variable("HOME").value_or("/")) / path.substr(path.size() > 1 ? 2 : 1);
}

Surroundings MakeSurroundings(const std::vector<std::pair<std::string, std::string>>& environment) {
  Surroundings surroundings;
  std::vector<std::string> for_programs;
  for (const auto& [name, value] : environment) {
    surroundings.variables.insert_or_assign(name, Secret(value));
    for_programs.push_back(fmt::format("{}={}", name, value));
  }
  surroundings.read_file = ReadWholeFile;
  surroundings.run_command = [for_programs = std::move(for_programs)](const CommandToRun& command,
                                                                      std::stop_token stop) {
    return RunCommand(command, for_programs, std::move(stop));
  };
  return surroundings;
}

}  // namespace seshat::aws
