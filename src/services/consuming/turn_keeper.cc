#include "services/consuming/turn_keeper.h"

#include <algorithm>
#include <utility>

namespace seshat::consuming {
namespace {

using Steady = std::chrono::steady_clock;

}  // namespace

TurnKeeper::TurnKeeper(Leases leases, Steady::time_point deadline, Clock& clock, Logger& logger, std::stop_token outer)
    : leases_(std::move(leases)),
      clock_(clock),
      logger_(logger),
      turn_{.stop = stopped_.get_token(), .deadline = deadline, .keep_alive = [this] { KeepAlive(); }},
      held_(leases_.handles),
      renewed_at_(clock.SteadyNow()),
      outer_stopped_(std::move(outer), [this] { stopped_.request_stop(); }) {
  const bool ends = deadline != Steady::time_point::max();
  if (held_.empty() && !ends) return;
  const auto until = ends ? Steady::now() + (deadline - renewed_at_) : deadline;
  thread_ = std::jthread([this, until](const std::stop_token& done) { Loop(done, until); });
}

TurnKeeper::~TurnKeeper() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void TurnKeeper::Loop(const std::stop_token& done, Steady::time_point until) {
  while (true) {
    const auto third = leases_.handles.empty() ? until : Steady::now() + leases_.length / 3;
    {
      std::unique_lock lock(mutex_);
      wake_.wait_until(lock, done, std::min(third, until), [] { return false; });
    }
    if (done.stop_requested()) return;
    if (Steady::now() >= until) {
      stopped_.request_stop();
      return;
    }
    Renew();
  }
}

void TurnKeeper::KeepAlive() {
  const auto now = clock_.SteadyNow();
  if (now >= turn_.deadline) {
    stopped_.request_stop();
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    if (now - renewed_at_ < leases_.length / 3) return;
  }
  Renew();
}

void TurnKeeper::Renew() {
  const auto now = clock_.SteadyNow();
  std::vector<std::string> held;
  {
    const std::lock_guard lock(mutex_);
    renewed_at_ = now;
    held = held_;
  }
  for (const std::string& handle : held) {
    const Status extended = leases_.bus->Extend(leases_.subscription, handle, leases_.length);
    if (extended) continue;
    logger_.Debug("a lease was not renewed", {{"error", extended.error().ToString()}});
    // A fault of the bus is no loss yet: the next round may succeed before the lease ends.
    if (extended.error().code != ErrorCode::kNotFound) continue;
    const std::lock_guard lock(mutex_);
    std::erase(held_, handle);
    if (held_.empty()) stopped_.request_stop();
  }
}

}  // namespace seshat::consuming
