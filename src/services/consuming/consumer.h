// Consumer: the one loop that works on a subscription. It receives, keeps the leases while the handler works, and
// answers the bus as the verdicts say.
//
// A bus that cannot be read is asked again with backoff, for ever; nothing that happens to one event ends the loop. An
// answer that the bus does not take is logged: the event comes again when its lease ends. When an event becomes a dead
// letter is the bus's to say (SubscriptionSpec::max_attempts); how fast it gets there, verdict.h's.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/backoff.h"
#include "core/base/error.h"
#include "ports/clock.h"
#include "ports/event_bus.h"
#include "ports/logger.h"
#include "ports/random.h"
#include "services/consuming/handler.h"

namespace seshat::consuming {

// All must outlive the consumer.
struct ConsumerPorts {
  EventBus& bus;
  Clock& clock;
  Random& random;
  Logger& logger;
};

struct ConsumerOptions {
  std::string subscription;
  size_t batch = 1;  // one at a time leaves the others to other consumers
  std::chrono::milliseconds receive_wait{1'000};
  std::chrono::milliseconds lease{60'000};  // renewed at a third of it while the handler works
  Backoff outage{.base = std::chrono::milliseconds{100}, .cap = std::chrono::seconds{30}};
  // A handler is asked to stop after this long. None: it takes the time that it needs.
  std::optional<std::chrono::milliseconds> handle_limit = std::nullopt;
};

// Thread safety: all methods, from as many threads as batches shall be worked on at a time.
class Consumer {
 public:
  // `handler` must outlive it.
  Consumer(const ConsumerPorts& ports, ConsumerOptions options, BatchHandler& handler)
      : ports_(ports), options_(std::move(options)), handler_(handler) {}

  // Until `stop` is triggered, which is passed on to the handler.
  void Run(std::stop_token stop);

  // One round: receives once, handles what came, answers how many events that were. The error is that of receiving.
  Result<size_t> RunOnce(std::stop_token stop);

 private:
  void Answer(std::span<const Delivery> deliveries, std::span<const Verdict> verdicts);
  void LogIfRefused(const Status& answered, std::string_view session);

  const ConsumerPorts ports_;
  const ConsumerOptions options_;
  BatchHandler& handler_;
};

}  // namespace seshat::consuming
