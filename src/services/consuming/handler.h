// Handler: what is done about an event. The same handler runs under the loop of consumer.h and, where somebody else
// receives and leases (an SQS batch that invokes a Lambda function), under foreign_batch.h.
//
// A handler receives nothing, leases nothing and acknowledges nothing: it answers with a verdict. It must bear the same
// event twice, and events in any order. Thread safety: all methods, from several threads.
// Suite of what surrounds it: tests/services/consuming.
#pragma once

#include <chrono>
#include <functional>
#include <span>
#include <stop_token>
#include <vector>

#include "ports/event_bus.h"
#include "services/consuming/verdict.h"

namespace seshat::consuming {

// One call of a handler.
struct Turn {
  // Triggered when the work is not worth going on with: the process stops, the deadline has come, or the events may be
  // with somebody else by now. The handler then answers soon; kCancelled is the error for it.
  std::stop_token stop;
  // By Clock::SteadyNow.
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  // Leases are renewed by themselves, in real time. A handler that waits by the Clock port, or reads one thing after
  // another for long, calls this in between: it renews them where a third of their time has gone by that clock.
  std::function<void()> keep_alive = [] {};
};

class Handler {
 public:
  virtual ~Handler() = default;
  virtual Verdict Handle(const Delivery& delivery, const Turn& turn) = 0;
};

// For work that is cheaper together. One verdict for each delivery, in their order: what befalls one decides nothing
// about another.
class BatchHandler {
 public:
  virtual ~BatchHandler() = default;
  virtual std::vector<Verdict> HandleBatch(std::span<const Delivery> deliveries, const Turn& turn) = 0;
};

// A batch, one after another. Those whose turn does not come before Turn::stop are given back at once.
class OneByOne : public BatchHandler {
 public:
  // `handler` must outlive it.
  explicit OneByOne(Handler& handler) : handler_(handler) {}
  std::vector<Verdict> HandleBatch(std::span<const Delivery> deliveries, const Turn& turn) override;

 private:
  Handler& handler_;
};

}  // namespace seshat::consuming
