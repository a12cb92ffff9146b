// Tries again what is worth trying again: the one place where requests are repeated.
//
// Waits as core/base/backoff.h says, on top of what a server's Retry-After asks for. A budget shared by all clients of a
// service keeps retries from making an overload worse. Waiting happens inside Poll: no thread sleeps.
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "platform/http/client.h"
#include "ports/clock.h"
#include "ports/logger.h"
#include "ports/metrics.h"
#include "ports/random.h"

namespace seshat::http {

enum class Verdict {
  kFinal,      // an answer, or an error that repeating does not change
  kAgain,      // a passing fault
  kThrottled,  // the server asks for fewer requests: a longer wait, and a new connection
};

// Errors that are retryable() and 408, 500, 502, 504: kAgain. 429 and 503: kThrottled.
Verdict JudgeByStatus(const Outcome& outcome);

// A token bucket, thread-safe. Each retry takes 5 tokens (10 after a timeout), which a success gives back; each success
// without a retry gives 1: the sizes of the "standard" mode of AWS's own SDKs. Empty: requests fail at once.
class RetryBudget {
 public:
  static constexpr double kCapacity = 500;
  // False: not enough is left.
  bool Take(double tokens);
  void Give(double tokens);

 private:
  std::mutex mutex_;
  double tokens_ = kCapacity;
};

struct RetryOptions {
  int max_attempts = 8;
  std::chrono::milliseconds base{100};
  std::chrono::milliseconds throttled_base{500};
  std::chrono::milliseconds cap{20'000};
  std::function<Verdict(const Outcome&)> judge = JudgeByStatus;
  std::shared_ptr<RetryBudget> budget;  // null: one of its own
  // May be null. Every retry is a debug line and a count.
  Logger* logger = nullptr;
  Metrics* metrics = nullptr;
};

// `clock` and `random` must outlive the client. A response that is Response::corrected is tried again at once, twice at
// most. Request::timeouts::total holds for all attempts and waits together; an attempt that could only begin after it is
// not begun, and the last outcome stands, with Error::retry_after where the server gave one. Exchange::attempts and
// Exchange::unclear_before are set here.
std::unique_ptr<Client> MakeRetryingClient(std::unique_ptr<Client> inner, RetryOptions options, const Clock& clock,
                                           Random& random);

}  // namespace seshat::http
