// The event bus for tests and `--dry-run`s: the whole contract except durability.
#pragma once

#include <memory>

#include "ports/clock.h"
#include "ports/event_bus.h"

namespace seshat::memory_event_bus {

// `clock` must outlive the bus. Where its SleepFor moves it (tests' FakeClock), waiting for events takes no
// real time.
std::unique_ptr<EventBus> MakeMemoryEventBus(Clock& clock);

}  // namespace seshat::memory_event_bus
