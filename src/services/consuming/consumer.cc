#include "services/consuming/consumer.h"

#include "services/consuming/turn_keeper.h"

namespace seshat::consuming {

void Consumer::Run(std::stop_token stop) {
  uint32_t failures = 0;
  while (!stop.stop_requested()) {
    const Result<size_t> handled = RunOnce(stop);
    if (handled) {
      failures = 0;
      continue;
    }
    const auto pause = options_.outage.After(++failures, RandomUnit(ports_.random));
    ports_.logger.Warning("the event bus cannot be read now", {{"subscription", options_.subscription},
                                                               {"error", handled.error().ToString()},
                                                               {"again_in_ms", pause.count()}});
    (void)ports_.clock.SleepFor(pause, stop);
  }
}

Result<size_t> Consumer::RunOnce(std::stop_token stop) {
  const ReceiveOptions receive{.max_events = options_.batch, .wait = options_.receive_wait, .lease = options_.lease};
  SESHAT_ASSIGN(const auto deliveries, ports_.bus.Receive(options_.subscription, receive, stop));
  if (deliveries.empty()) return 0;
  Leases leases{.bus = &ports_.bus, .subscription = options_.subscription, .handles = {}, .length = options_.lease};
  for (const Delivery& delivery : deliveries) leases.handles.push_back(delivery.handle);
  auto deadline = std::chrono::steady_clock::time_point::max();
  if (options_.handle_limit) deadline = ports_.clock.SteadyNow() + *options_.handle_limit;
  std::vector<Verdict> verdicts;
  {
    const TurnKeeper keeper(std::move(leases), deadline, ports_.clock, ports_.logger, stop);
    verdicts = handler_.HandleBatch(deliveries, keeper.turn());
  }
  Answer(deliveries, verdicts);
  return deliveries.size();
}

void Consumer::Answer(std::span<const Delivery> deliveries, std::span<const Verdict> verdicts) {
  std::vector<std::string> done;
  std::string_view first_done;
  for (size_t i = 0; i < deliveries.size(); ++i) {
    if (!verdicts[i].done) continue;
    if (done.empty()) first_done = deliveries[i].event.subject;
    done.push_back(deliveries[i].handle);
  }
  if (!done.empty()) LogIfRefused(ports_.bus.Acknowledge(options_.subscription, done), first_done);
  for (size_t i = 0; i < deliveries.size(); ++i) {
    const Verdict& verdict = verdicts[i];
    if (verdict.done) continue;
    LogIfRefused(ports_.bus.Retry(options_.subscription, deliveries[i].handle, verdict.delay, verdict.reason),
                 deliveries[i].event.subject);
  }
}

void Consumer::LogIfRefused(const Status& answered, std::string_view session) {
  if (answered) return;
  ports_.logger.Warning(
      "the event bus did not take an answer",
      {{"subscription", options_.subscription}, {"error", answered.error().ToString()}, {"session", session}});
}

}  // namespace seshat::consuming
