#include "platform/aws_credentials/refreshing_credentials.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace seshat::aws {
namespace {

using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr minutes kAdvisory{15};
constexpr minutes kMandatory{1};
constexpr minutes kWhenClockIsWrong{5};
constexpr seconds kFirstPause{1};
constexpr seconds kMaxPause{60};

class RefreshingCredentials : public CredentialsProvider {
 public:
  RefreshingCredentials(CredentialSourcePtr source, ServerClock& clock, Random& random, Logger& logger)
      : source_(std::move(source)), clock_(clock), random_(random), logger_(logger) {}

  Result<CredentialsPtr> Get(std::stop_token stop) override {
    std::unique_lock lock(mutex_);
    const uint64_t round = rounds_;
    while (true) {
      const Timestamp now = clock_.Now();
      if (current_ != nullptr && clock_.offset() != planned_by_) Plan();
      if (current_ != nullptr && !refused_) {
        if (now < renew_at_) return current_;
        Renew();
        const bool waited = rounds_ != round;
        if (now < must_renew_at_ || ((waited || !renewing_) && now < ends_at_)) return current_;
      } else {
        Renew();
      }
      // It failed a moment ago, and the pause after that is not over.
      if (!renewing_) return Failed();
      const bool done = changed_.wait(lock, stop, [&] { return !renewing_; });
      if (!done) return Fail(ErrorCode::kCancelled, "stopped while waiting for AWS credentials");
      if (last_error_ && !UsableUntilEnd(clock_.Now())) return Failed();
    }
  }

  void Refuse(const CredentialsPtr& used) override {
    const std::lock_guard lock(mutex_);
    if (used != current_ || refused_) return;
    refused_ = true;
    retry_at_ = {};
  }

 private:
  bool UsableUntilEnd(Timestamp now) const { return current_ != nullptr && !refused_ && now < ends_at_; }

  Result<CredentialsPtr> Failed() const {
    if (last_error_) return std::unexpected(*last_error_);
    return Fail(ErrorCode::kUnauthenticated, "the AWS credentials have expired");
  }

  // With the lock held.
  void Renew() {
    if (renewing_ || clock_.SteadyNow() < retry_at_) return;
    renewing_ = true;
    // The thread before it has done its work, and ends without the lock.
    thread_ = std::jthread([this](std::stop_token stop) { Run(std::move(stop)); });
  }

  void Run(std::stop_token stop) {
    auto fetched = source_->Fetch(std::move(stop));
    if (fetched && std::holds_alternative<NotConfigured>(*fetched))
      fetched = Fail(ErrorCode::kUnauthenticated, std::get<NotConfigured>(*fetched).why);
    const Timestamp now = clock_.Now();
    const double spread = RandomUnit(random_);
    if (!fetched && HasOthers(now)) {
      // Nobody hears of it otherwise: those who wait in vain get the error.
      logger_.Warning("AWS credentials could not be renewed, the old ones still serve",
                      {{"error", fetched.error().ToString()}});
    } else if (fetched && EndsBefore(std::get<Credentials>(*fetched), now)) {
      logger_.Warning("new AWS credentials are expired by this machine's clock: set the clock right");
    }
    {
      const std::lock_guard lock(mutex_);
      if (fetched) {
        Keep(std::get<Credentials>(std::move(*fetched)), spread);
      } else {
        last_error_ = std::move(fetched.error());
        pause_ = std::clamp(2 * pause_, nanoseconds(kFirstPause), nanoseconds(kMaxPause));
        retry_at_ = clock_.SteadyNow() + pause_;
      }
      renewing_ = false;
      ++rounds_;
    }
    changed_.notify_all();
  }

  bool HasOthers(Timestamp now) {
    const std::lock_guard lock(mutex_);
    return UsableUntilEnd(now);
  }

  static bool EndsBefore(const Credentials& credentials, Timestamp now) {
    return credentials.expires_at && *credentials.expires_at <= now;
  }

  void Keep(Credentials credentials, double spread) {
    last_error_.reset();
    pause_ = nanoseconds{0};
    retry_at_ = {};
    refused_ = false;
    current_ = std::make_shared<const Credentials>(std::move(credentials));
    fetched_at_ = clock_.SteadyNow();
    spread_ = spread;
    Plan();
  }

  // By the servers' clock as it is known now.
  void Plan() {
    planned_by_ = clock_.offset();
    const Timestamp fetched = clock_.Now() - (clock_.SteadyNow() - fetched_at_);
    renew_at_ = must_renew_at_ = ends_at_ = Timestamp::max();
    if (EndsBefore(*current_, fetched)) {
      renew_at_ = fetched + kWhenClockIsWrong;
    } else if (current_->expires_at) {
      const nanoseconds ahead = std::min<nanoseconds>(kAdvisory, (*current_->expires_at - fetched) / 3);
      const nanoseconds jitter{static_cast<int64_t>(spread_ * static_cast<double>(ahead.count()) / 10)};
      ends_at_ = *current_->expires_at;
      renew_at_ = ends_at_ - ahead - jitter;
      must_renew_at_ = ends_at_ - std::min<nanoseconds>(kMandatory, ahead / 2);
    }
  }

  CredentialSourcePtr source_;
  ServerClock& clock_;
  Random& random_;
  Logger& logger_;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  CredentialsPtr current_;
  bool refused_ = false;
  bool renewing_ = false;
  uint64_t rounds_ = 0;  // renewals that have ended, well or not
  std::chrono::steady_clock::time_point fetched_at_{};
  double spread_ = 0;
  nanoseconds planned_by_{};  // the offset of the servers' clock
  Timestamp renew_at_{};
  Timestamp must_renew_at_{};
  Timestamp ends_at_{};
  std::chrono::steady_clock::time_point retry_at_{};
  nanoseconds pause_{};
  std::optional<Error> last_error_;
  std::jthread thread_;  // last: stopped and joined before the rest goes
};

}  // namespace

std::unique_ptr<CredentialsProvider> MakeRefreshingCredentials(CredentialSourcePtr source, ServerClock& clock,
                                                               Random& random, Logger& logger) {
  return std::make_unique<RefreshingCredentials>(std::move(source), clock, random, logger);
}

}  // namespace seshat::aws
