// What every event bus must do, as a table of cases. Register it for an adapter in a test program's main:
//
//   RegisterEventBusSuite("sqlite", [] { return std::make_unique<SqliteHarness>(); });
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "conformance/suite.h"
#include "ports/event_bus.h"

namespace seshat::conformance {

// One bus with nothing in it, and what lies around it.
class EventBusHarness {
 public:
  virtual ~EventBusHarness() = default;
  virtual EventBus& bus() = 0;
  // A second bus on the same state, as another process has it; null where capabilities() say there is none.
  virtual std::unique_ptr<EventBus> Another() = 0;
  // Ends bus() and opens it anew; false where nothing is kept.
  virtual bool Reopen() = 0;
  // Lets time pass for the bus: moves its clock, or waits where the clock is real. It must not move otherwise
  // (a clock that Receive itself can move would end other consumers' leases).
  virtual void Advance(std::chrono::milliseconds time) = 0;
  // How often Receive is asked before an event counts as missing; more where a bus finds its events by chance.
  virtual int patience() const { return 1; }
  // Real time after which something that should happen at once has not happened.
  virtual std::chrono::milliseconds limit() const { return std::chrono::seconds(20); }
};

std::span<const Case<EventBusHarness>> EventBusCases();
void RegisterEventBusSuite(const std::string& adapter, const Factory<EventBusHarness>& factory,
                           const std::vector<Deviation>& deviations = {});

}  // namespace seshat::conformance
