// A queue that invokes a function with batches of its messages and deletes those that the function does not list as
// failed, as Amazon SQS invokes Lambda with ReportBatchItemFailures. Time plays no part: what failed comes next time.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "ports/event_bus.h"

namespace seshat::testing {

class FakeSqs {
 public:
  // The item identifiers of the messages that failed.
  using Function = std::function<std::vector<std::string>(std::span<const Delivery>)>;

  // A message that was received `max_receives` times and failed is dead.
  FakeSqs(EventBus& topic, std::string subscription, uint32_t max_receives)
      : topic_(topic), subscription_(std::move(subscription)), max_receives_(max_receives) {}

  // Takes over what was published meanwhile, and invokes once with at most ten messages. False where there were none.
  bool InvokeOnce(const Function& function) {
    TakeOver();
    std::vector<Delivery> batch;
    for (; !queue_.empty() && batch.size() < 10; queue_.pop_front()) {
      Delivery& message = batch.emplace_back(std::move(queue_.front()));
      ++message.attempt;
    }
    if (batch.empty()) return false;
    const std::vector<std::string> failed = function(batch);
    partial_ |= !failed.empty() && failed.size() < batch.size();
    for (Delivery& message : batch) {
      if (std::ranges::find(failed, message.handle) == failed.end()) continue;
      (message.attempt >= max_receives_ ? dead_ : queue_).push_back(std::move(message));
    }
    return true;
  }

  const std::deque<Delivery>& dead() const { return dead_; }
  // Whether any batch failed in part.
  bool saw_partial_failure() const { return partial_; }

 private:
  void TakeOver() {
    auto published = topic_.Receive(subscription_, {.max_events = 1000, .wait = std::chrono::milliseconds(0)}, {});
    for (Delivery& delivery : published.value()) {
      (void)topic_.Acknowledge(subscription_, {&delivery.handle, 1});
      queue_.push_back({std::move(delivery.event), "message-" + std::to_string(++number_), 0});
    }
  }

  EventBus& topic_;
  const std::string subscription_;
  const uint32_t max_receives_;
  int number_ = 0;
  bool partial_ = false;
  std::deque<Delivery> queue_;
  std::deque<Delivery> dead_;
};

}  // namespace seshat::testing
