// The ranges of event_bus.h as checks, so that every adapter refuses the same words in the same way.
#pragma once

#include <chrono>
#include <span>

#include "ports/event_bus.h"

namespace seshat::event_bus_rules {

// Each answers kInvalidArgument naming what is off and what would do.
Status CheckSpec(const SubscriptionSpec& spec);
Status CheckReceive(const ReceiveOptions& options);
Status CheckDelay(std::chrono::milliseconds delay);
Status CheckLease(std::chrono::milliseconds lease);
Status CheckPage(size_t limit);
Status CheckSize(std::span<const Event> events, size_t max_event_bytes);

// kNotFound, saying how to make it.
Error NoSubscription(std::string_view name);

}  // namespace seshat::event_bus_rules
