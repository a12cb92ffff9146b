#include "composition/stop_signals.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <thread>

namespace seshat::composition {
namespace {

// A handler may touch little else.
std::atomic<int> wake_fd{-1};
std::atomic<int> signals_seen{0};

void OnSignal(int signal) {
  if (signals_seen.fetch_add(1) > 0) {
    // Blocked while its handler runs: it takes effect, with the default action, on return.
    ::signal(signal, SIG_DFL);
    ::raise(signal);
    return;
  }
  const int saved = errno;
  const uint64_t one = 1;
  // A counter of one always has room.
  [[maybe_unused]] const ssize_t written = ::write(wake_fd.load(), &one, sizeof one);
  errno = saved;
}

}  // namespace

struct StopSignals::State {
  std::stop_source source;
  std::jthread waiter;
  struct sigaction old_int{};
  struct sigaction old_term{};
};

StopSignals::StopSignals() : state_(std::make_unique<State>()) {
  signals_seen = 0;
  wake_fd = ::eventfd(0, EFD_CLOEXEC);
  // No descriptor left before anything began: nothing else would work either.
  if (wake_fd < 0) std::abort();
  struct sigaction action{};
  action.sa_handler = OnSignal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, &state_->old_int);
  sigaction(SIGTERM, &action, &state_->old_term);
  state_->waiter = std::jthread([state = state_.get()] {
    uint64_t count = 0;
    while (::read(wake_fd, &count, sizeof count) < 0 && errno == EINTR) {
    }
    state->source.request_stop();
  });
}

StopSignals::~StopSignals() {
  RequestStop();
  state_->waiter.join();
  sigaction(SIGINT, &state_->old_int, nullptr);
  sigaction(SIGTERM, &state_->old_term, nullptr);
  ::close(wake_fd.exchange(-1));
}

std::stop_token StopSignals::token() const { return state_->source.get_token(); }

void StopSignals::RequestStop() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_fd.load(), &one, sizeof one);
}

}  // namespace seshat::composition
