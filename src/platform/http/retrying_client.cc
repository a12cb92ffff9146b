#include "platform/http/retrying_client.h"

#include <algorithm>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "core/base/backoff.h"
#include "platform/http/date.h"
#include "platform/http/deferred.h"

namespace seshat::http {
namespace {

using std::chrono::milliseconds;
using SteadyTime = std::chrono::steady_clock::time_point;

constexpr double kRetryCost = 5;
constexpr double kTimeoutCost = 10;
constexpr double kSuccessGives = 1;
// The clock and the credentials can both be wrong, not more.
constexpr int kMaxCorrections = 2;
// A server that wants us to wait for longer than this wants the caller to know.
constexpr milliseconds kMaxRetryAfter = std::chrono::minutes(2);

constexpr MetricSpec kRetries{MetricSpec::Kind::kCounter, "seshat_http_retries_total",
                              "HTTP requests sent again, by operation and reason"};

struct Pending {
  RequestId id = 0;
  Done done;
  RequestId inner = 0;  // 0: it waits
  int attempts = 0;
  int corrections = 0;
  bool unclear = false;
  bool cancelled = false;
  bool fresh_connection = false;  // as it was asked for
  milliseconds total{0};
  std::optional<SteadyTime> deadline;
  double spent = 0;
  std::optional<Outcome> last;  // while it waits
};

bool IsSuccess(const Outcome& outcome) {
  return outcome.response && outcome.response->status >= 200 && outcome.response->status < 300;
}

// Sent, and never clearly answered.
bool IsUnclear(const Outcome& outcome) {
  return outcome.response ? outcome.response->status >= 500 : outcome.exchange.sent;
}

class RetryingClient : public Client {
 public:
  RetryingClient(std::unique_ptr<Client> inner, RetryOptions options, const Clock& clock, Random& random)
      : inner_(std::move(inner)), options_(std::move(options)), clock_(clock), random_(random) {
    if (!options_.budget) options_.budget = std::make_shared<RetryBudget>();
  }

  RequestId Start(Request request, Done done) override {
    const RequestId id = ++last_id_;
    Pending& pending = pending_[id];
    pending.id = id;
    pending.done = std::move(done);
    pending.fresh_connection = request.fresh_connection;
    pending.total = request.timeouts.total;
    if (pending.total.count() > 0) pending.deadline = clock_.SteadyNow() + pending.total;
    Launch(pending, std::move(request));
    return id;
  }

  void Cancel(RequestId id) override {
    const auto found = pending_.find(id);
    if (found == pending_.end()) return;
    Pending& pending = found->second;
    if (pending.inner != 0) {
      pending.cancelled = true;
      inner_->Cancel(pending.inner);
      return;
    }
    Outcome outcome = std::move(*pending.last);
    outcome.response = Fail(ErrorCode::kCancelled, "the request was cancelled");
    std::erase_if(waiting_, [&](const auto& entry) { return entry.second == id; });
    ended_.Add(std::move(outcome), std::move(pending.done));
    pending_.erase(found);
  }

  void Resume(RequestId id) override {
    const auto found = pending_.find(id);
    if (found != pending_.end() && found->second.inner != 0) inner_->Resume(found->second.inner);
  }

  void Poll(milliseconds timeout) override {
    LaunchDue();
    if (!waiting_.empty()) {
      const auto until_due = std::chrono::ceil<milliseconds>(waiting_.begin()->first - clock_.SteadyNow());
      timeout = std::clamp(until_due, milliseconds(0), timeout);
    }
    inner_->Poll(ended_.empty() ? timeout : milliseconds(0));
    LaunchDue();
    ended_.Run();
  }

  void Wake() override { inner_->Wake(); }
  size_t in_flight() const override { return pending_.size() + ended_.size(); }
  uint64_t throttled() const override { return throttled_; }

 private:
  void Launch(Pending& pending, Request request) {
    ++pending.attempts;
    if (pending.deadline)
      request.timeouts.total =
          std::max(std::chrono::ceil<milliseconds>(*pending.deadline - clock_.SteadyNow()), milliseconds(1));
    pending.inner =
        inner_->Start(std::move(request), [this, id = pending.id](Outcome outcome) { OnDone(id, std::move(outcome)); });
  }

  void LaunchDue() {
    const SteadyTime now = clock_.SteadyNow();
    while (!waiting_.empty() && waiting_.begin()->first <= now) {
      Pending& pending = pending_.at(waiting_.begin()->second);
      waiting_.erase(waiting_.begin());
      Request request = std::move(pending.last->request);
      pending.last.reset();
      Launch(pending, std::move(request));
    }
  }

  void OnDone(RequestId id, Outcome outcome) {
    Pending& pending = pending_.at(id);
    pending.inner = 0;
    outcome.exchange.attempts = pending.attempts;
    outcome.exchange.unclear_before = pending.unclear;
    if (pending.cancelled) {
      outcome.response = Fail(ErrorCode::kCancelled, "the request was cancelled");
      return Finish(pending, std::move(outcome));
    }
    if (IsSuccess(outcome)) {
      options_.budget->Give(pending.spent > 0 ? pending.spent : kSuccessGives);
      return Finish(pending, std::move(outcome));
    }
    const auto wait = WaitBeforeAnother(pending, outcome);
    if (!wait) return Finish(pending, std::move(outcome));
    if (IsUnclear(outcome)) pending.unclear = true;
    if (const auto& source = outcome.request.body.source) {
      if (Status back = source->Rewind(); !back) {
        outcome.response = std::unexpected(std::move(back).error());
        return Finish(pending, std::move(outcome));
      }
    }
    pending.last = std::move(outcome);
    waiting_.emplace(clock_.SteadyNow() + *wait, id);
  }

  // Nothing: the outcome stands.
  std::optional<milliseconds> WaitBeforeAnother(Pending& pending, Outcome& outcome) {
    if (outcome.response && outcome.response->corrected && pending.corrections < kMaxCorrections) {
      ++pending.corrections;
      Note(outcome, pending, "corrected", milliseconds(0));
      return milliseconds(0);
    }
    const Verdict verdict = options_.judge(outcome);
    if (verdict == Verdict::kFinal) return std::nullopt;
    const bool throttled = verdict == Verdict::kThrottled;
    if (throttled) ++throttled_;
    const auto asked = RetryAfter(outcome);
    if (pending.attempts - pending.corrections >= options_.max_attempts || asked > kMaxRetryAfter) return std::nullopt;
    const Backoff backoff{throttled ? options_.throttled_base : options_.base, options_.cap};
    const milliseconds wait = asked + backoff.After(static_cast<uint32_t>(pending.attempts), RandomUnit(random_));
    if (pending.deadline && clock_.SteadyNow() + wait >= *pending.deadline) return std::nullopt;
    const bool timed_out = !outcome.response && outcome.response.error().code == ErrorCode::kDeadlineExceeded;
    const double cost = timed_out ? kTimeoutCost : kRetryCost;
    if (!options_.budget->Take(cost)) return std::nullopt;
    pending.spent += cost;
    // It may lead to another machine; and a kept connection may go the way of the one that fell silent.
    if (throttled || timed_out) outcome.request.fresh_connection = true;
    Note(outcome, pending, throttled ? "throttled" : "failed", wait);
    return wait;
  }

  milliseconds RetryAfter(Outcome& outcome) const {
    if (!outcome.response) return outcome.response.error().retry_after.value_or(milliseconds(0));
    const auto header = outcome.response->headers.Find("retry-after");
    if (!header) return milliseconds(0);
    return ParseRetryAfter(*header, clock_.Now()).value_or(milliseconds(0));
  }

  void Note(const Outcome& outcome, const Pending& pending, std::string_view reason, milliseconds wait) {
    const std::string& operation = outcome.request.operation;
    if (options_.metrics != nullptr)
      options_.metrics->Record(kRetries, 1, {{"operation", operation}, {"reason", reason}});
    if (options_.logger == nullptr || !options_.logger->Enabled(LogLevel::kDebug)) return;
    const std::string why =
        outcome.response ? "status " + std::to_string(outcome.response->status) : outcome.response.error().message;
    options_.logger->Debug("trying a request again", {{"operation", operation},
                                                      {"host", outcome.request.origin.host},
                                                      {"attempt", pending.attempts},
                                                      {"reason", reason},
                                                      {"error", why},
                                                      {"wait_ms", wait.count()}});
  }

  void Finish(Pending& pending, Outcome outcome) {
    outcome.request.fresh_connection = pending.fresh_connection;
    outcome.request.timeouts.total = pending.total;
    Done done = std::move(pending.done);
    pending_.erase(pending.id);
    done(std::move(outcome));
  }

  std::unique_ptr<Client> inner_;
  RetryOptions options_;
  const Clock& clock_;
  Random& random_;
  RequestId last_id_ = 0;
  uint64_t throttled_ = 0;
  std::unordered_map<RequestId, Pending> pending_;
  std::multimap<SteadyTime, RequestId> waiting_;
  DeferredOutcomes ended_;
};

}  // namespace

Verdict JudgeByStatus(const Outcome& outcome) {
  if (!outcome.response) return outcome.response.error().retryable() ? Verdict::kAgain : Verdict::kFinal;
  switch (outcome.response->status) {
    case 408:
    case 500:
    case 502:
    case 504:
      return Verdict::kAgain;
    case 429:
    case 503:
      return Verdict::kThrottled;
    default:
      return Verdict::kFinal;
  }
}

bool RetryBudget::Take(double tokens) {
  const std::lock_guard lock(mutex_);
  if (tokens_ < tokens) return false;
  tokens_ -= tokens;
  return true;
}

void RetryBudget::Give(double tokens) {
  const std::lock_guard lock(mutex_);
  tokens_ = std::min(tokens_ + tokens, kCapacity);
}

std::unique_ptr<Client> MakeRetryingClient(std::unique_ptr<Client> inner, RetryOptions options, const Clock& clock,
                                           Random& random) {
  return std::make_unique<RetryingClient>(std::move(inner), std::move(options), clock, random);
}

}  // namespace seshat::http
