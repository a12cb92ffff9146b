#include "platform/aws_credentials/run_command.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "platform/posix/child_process.h"
#include "platform/posix/find_program.h"
#include "platform/posix/posix_error.h"

namespace seshat::aws {
namespace {

using Steady = std::chrono::steady_clock;

// A program that writes more does not write credentials.
constexpr size_t kMaxOutputBytes = 1 << 20;

std::string FindProgram(const std::string& name, const std::vector<std::string>& environment) {
  if (name.find('/') != std::string::npos) return name;
  constexpr std::string_view kPath = "PATH=";
  const auto path = std::ranges::find_if(environment, [&](const auto& v) { return v.starts_with(kPath); });
  const std::string_view rest = path == environment.end() ? std::string_view("/usr/local/bin:/usr/bin:/bin")
                                                          : std::string_view(*path).substr(kPath.size());
  return posix::FindOnPath(name, rest).string();
}

class Run {
 public:
  Run(posix::ChildProcess child, posix::UniqueFd output, posix::UniqueFd stopped, Steady::time_point deadline)
      : child_(std::move(child)), output_(std::move(output)), stopped_(std::move(stopped)), deadline_(deadline) {}

  Result<CommandResult> ToItsEnd() {
    while (!ended_) SESHAT_TRY(Wait());
    child_.KillGroup();  // what it left running would hold the pipe open
    SESHAT_TRY(Drain());
    const int status = child_.Reap().status;
    CommandResult result;
    result.exit_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    result.output = Secret(std::move(text_));
    return result;
  }

 private:
  Status Wait() {
    std::array<pollfd, 3> polled{pollfd{.fd = child_.pidfd(), .events = POLLIN},
                                 pollfd{.fd = stopped_.get(), .events = POLLIN},
                                 pollfd{.fd = output_.get(), .events = POLLIN}};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - Steady::now());
    if (left.count() <= 0) return Fail(ErrorCode::kDeadlineExceeded, "it did not end in time");
    if (::poll(polled.data(), polled.size(), static_cast<int>(std::min<int64_t>(left.count(), 60'000))) < 0)
      return {};  // EINTR
    if (polled[1].revents != 0) return Fail(ErrorCode::kCancelled, "stopped");
    if (polled[2].revents != 0) SESHAT_TRY(Drain());
    ended_ = polled[0].revents != 0;
    return {};
  }

  Status Drain() {
    std::array<char, 4096> buffer;
    while (output_.valid()) {
      const ssize_t n = ::read(output_.get(), buffer.data(), buffer.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0 && errno == EAGAIN) return {};
      if (n <= 0) {
        output_.Reset();
        return {};
      }
      text_.append(buffer.data(), static_cast<size_t>(n));
      if (text_.size() > kMaxOutputBytes) return Fail(ErrorCode::kInvalidArgument, "it wrote more than 1 MiB");
    }
    return {};
  }

  posix::ChildProcess child_;  // killed and reaped where it still runs
  posix::UniqueFd output_;
  posix::UniqueFd stopped_;
  Steady::time_point deadline_;
  std::string text_;
  bool ended_ = false;
};

}  // namespace

Result<CommandResult> RunCommand(const CommandToRun& command, const std::vector<std::string>& environment,
                                 std::stop_token stop) {
  const std::string program = FindProgram(command.arguments.front(), environment);
  if (program.empty())
    return Fail(ErrorCode::kNotFound, fmt::format("there is no program '{}' in the PATH", command.arguments.front()));
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::unexpected(posix::PosixError(errno, "making a pipe"));
  posix::UniqueFd output(ends[0]);
  posix::UniqueFd input(ends[1]);
  (void)::fcntl(output.get(), F_SETFL, O_NONBLOCK);
  const posix::UniqueFd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  posix::UniqueFd stopped(::eventfd(0, EFD_CLOEXEC));
  if (!nothing.valid() || !stopped.valid()) return std::unexpected(posix::PosixError(errno, "starting a program"));
  posix::ChildPlan plan;
  plan.argv = command.arguments;
  plan.argv.front() = program;
  plan.environment = environment;
  plan.directory = std::string(".");  // assigning the literal itself makes g++ 12 warn of what is not there
  plan.descriptors = {nothing.get(), input.get(), nothing.get()};
  SESHAT_ASSIGN(posix::ChildProcess child, posix::StartChild(plan));
  input.Reset();
  const int stop_fd = stopped.get();
  Run run(std::move(child), std::move(output), std::move(stopped), Steady::now() + command.timeout);
  const std::stop_callback on_stop(stop, [stop_fd] {
    const uint64_t one = 1;
    (void)!::write(stop_fd, &one, sizeof one);
  });
  return run.ToItsEnd();
}

Result<std::vector<std::string>> SplitCommandLine(std::string_view line) {
  std::vector<std::string> words;
  bool in_word = false;
  char quote = '\0';
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (quote == '\0' && blank) {
      in_word = false;
      continue;
    }
    if (!in_word) words.emplace_back();
    in_word = true;
    if (quote == '\0' && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == quote && quote != '\0') {
      quote = '\0';
    } else if (c == '\\' && quote != '\'' && i + 1 < line.size()) {
      const char next = line[++i];
      // Between double quotes a backslash means itself unless it stands before one of these.
      if (quote == '"' && next != '"' && next != '\\' && next != '$' && next != '`') words.back() += '\\';
      words.back() += next;
    } else {
      words.back() += c;
    }
  }
  if (quote != '\0') return Fail(ErrorCode::kInvalidArgument, fmt::format("a quote ({}) has no end", quote));
  if (words.empty()) return Fail(ErrorCode::kInvalidArgument, "it is empty");
  return words;
}

}  // namespace seshat::aws
