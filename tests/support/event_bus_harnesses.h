// The embedded buses as the conformance suite wants them, on a clock that the case moves.
#pragma once

#include "adapters/memory_event_bus/memory_event_bus.h"
#include "adapters/sqlite_event_bus/sqlite_event_bus.h"
#include "conformance/event_bus/event_bus_suite.h"
#include "support/manual_clock.h"
#include "support/temp_dir.h"

namespace seshat::testing {

class MemoryBusHarness : public conformance::EventBusHarness {
 public:
  EventBus& bus() override { return *bus_; }
  std::unique_ptr<EventBus> Another() override { return nullptr; }
  bool Reopen() override { return false; }
  void Advance(std::chrono::milliseconds time) override { clock_.Advance(time); }

 protected:
  ManualClock clock_;
  std::unique_ptr<EventBus> bus_ = memory_event_bus::MakeMemoryEventBus(clock_);
};

class SqliteBusHarness : public conformance::EventBusHarness {
 public:
  EventBus& bus() override { return *bus_; }
  std::unique_ptr<EventBus> Another() override { return Open(); }
  bool Reopen() override {
    bus_.reset();
    bus_ = Open();
    return true;
  }
  void Advance(std::chrono::milliseconds time) override { clock_.Advance(time); }

 private:
  std::unique_ptr<EventBus> Open() {
    return sqlite_event_bus::MakeSqliteEventBus({.path = directory_ / "bus.db"}, clock_).value();
  }

  TempDir directory_;
  ManualClock clock_;
  std::unique_ptr<EventBus> bus_ = Open();
};

}  // namespace seshat::testing
