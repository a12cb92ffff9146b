#include "adapters/process_runner/supervise.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <utility>

#include "platform/posix/pidfd.h"
#include "platform/posix/posix_error.h"

namespace seshat::process_runner {
namespace {

using Clock = std::chrono::steady_clock;

// How long the kernel may take to end a process that was killed; one in an uninterruptible wait (a dead network
// mount) can take for ever, and the worker must go on.
constexpr std::chrono::seconds kKillPatience{30};
constexpr size_t kMaxStatusBytes = 16'384;

// The number behind "name": in bubblewrap's status, which is a few small JSON objects of its own making.
std::optional<int> StatusNumber(std::string_view status, std::string_view name) {
  const size_t at = status.find(name);
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view rest = status.substr(at + name.size());
  const size_t digits = rest.find_first_of("0123456789");
  if (digits == std::string_view::npos) return std::nullopt;
  rest.remove_prefix(digits);
  int value = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  // A number that ends where the text does may go on in the next piece.
  if (error != std::errc{} || end == rest.data() + rest.size()) return std::nullopt;
  return value;
}

class Watch {
 public:
  Watch(Supervision supervision, posix::UniqueFd stopped) : s_(std::move(supervision)), stopped_(std::move(stopped)) {}

  Supervised Run() {
    auto limit = s_.deadline;
    while (!ended_) {
      Wait(limit);
      if (!killed_ && (result_.stopped || Clock::now() >= s_.deadline)) {
        result_.timed_out = !result_.stopped;
        KillAll();
        limit = Clock::now() + kKillPatience;
      } else if (killed_ && Clock::now() >= limit) {
        break;
      }
    }
    KillAll();  // what the program left running
    WaitForInner();
    result_.ending = s_.child->Reap();
    Drain();
    ReadStatus();
    result_.log_tail = tail_.Take();
    result_.exit_code = StatusNumber(status_, "\"exit-code\"");
    return std::move(result_);
  }

 private:
  void Wait(Clock::time_point limit) {
    std::array<pollfd, 4> polled{
        pollfd{.fd = s_.child->pidfd(), .events = POLLIN}, pollfd{.fd = stopped_.get(), .events = POLLIN},
        pollfd{.fd = s_.output.get(), .events = POLLIN}, pollfd{.fd = s_.status.get(), .events = POLLIN}};
    if (result_.stopped) polled[1].fd = -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(limit - Clock::now());
    constexpr std::chrono::milliseconds kMaxWait{std::chrono::hours{1}};
    const auto wait = std::clamp(left, std::chrono::milliseconds{0}, kMaxWait);
    if (::poll(polled.data(), polled.size(), static_cast<int>(wait.count())) < 0) return;  // EINTR
    if (polled[0].revents != 0) ended_ = true;
    if (polled[1].revents != 0) result_.stopped = true;
    if (polled[2].revents != 0) Drain();
    if (polled[3].revents != 0) ReadStatus();
  }

  void Drain() {
    std::array<char, 65536> buffer;
    // In rounds, so that a program that never stops writing cannot keep us from its deadline.
    for (int round = 0; round < 16 && s_.output.valid(); ++round) {
      const ssize_t n = ::read(s_.output.get(), buffer.data(), buffer.size());
      if (n > 0) {
        tail_.Append({buffer.data(), static_cast<size_t>(n)});
      } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        s_.output.Reset();
      } else if (errno == EAGAIN) {
        return;
      }
    }
  }

  void ReadStatus() {
    std::array<char, 1024> buffer;
    while (s_.status.valid()) {
      const ssize_t n = ::read(s_.status.get(), buffer.data(), buffer.size());
      if (n > 0 && status_.size() < kMaxStatusBytes) {
        status_.append(buffer.data(), static_cast<size_t>(n));
      } else if (n < 0 && errno == EAGAIN) {
        break;
      } else if (n >= 0 || errno != EINTR) {
        s_.status.Reset();
      }
    }
    if (inner_.valid()) return;
    if (const auto pid = StatusNumber(status_, "\"child-pid\"")) inner_ = posix::OpenPidfd(*pid);
  }

  void KillAll() {
    killed_ = true;
    s_.child->KillGroup();
    ReadStatus();
    // The first process of the run's process namespace: the kernel ends all others with it.
    if (inner_.valid()) (void)posix::SignalPidfd(inner_, SIGKILL);
    if (s_.kill_more) s_.kill_more();
  }

  // It ends only after everything in its namespace has.
  void WaitForInner() {
    if (!inner_.valid()) return;
    const auto limit = Clock::now() + kKillPatience;
    pollfd polled{.fd = inner_.get(), .events = POLLIN};
    while (Clock::now() < limit) {
      if (::poll(&polled, 1, 1000) > 0) return;
      Drain();
    }
  }

  Supervision s_;
  posix::UniqueFd stopped_;
  posix::UniqueFd inner_;
  LogTail tail_;
  std::string status_;
  Supervised result_;
  bool killed_ = false;
  bool ended_ = false;
};

}  // namespace

void LogTail::Append(std::string_view text) {
  if (text.size() > kBytes) text.remove_prefix(text.size() - kBytes);
  text_ += text;
  if (text_.size() > 2 * kBytes) text_.erase(0, text_.size() - kBytes);
}

std::string LogTail::Take() {
  if (text_.size() > kBytes) text_.erase(0, text_.size() - kBytes);
  return std::exchange(text_, {});
}

Result<Supervised> Supervise(Supervision supervision, const std::stop_token& stop) {
  posix::UniqueFd stopped(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!stopped.valid()) return std::unexpected(posix::PosixError(errno, "making an event descriptor"));
  const int fd = stopped.get();
  Watch watch(std::move(supervision), std::move(stopped));
  const std::stop_callback wake(stop, [fd] {
    const uint64_t one = 1;
    (void)!::write(fd, &one, sizeof one);
  });
  return watch.Run();
}

}  // namespace seshat::process_runner
