// The span of what is done about a delivery.
#pragma once

#include <string_view>

#include "ports/event_bus.h"
#include "ports/tracer.h"

namespace seshat::consuming {

// Below the span that the event names, so that a session has one trace across processes; an event without one begins a
// trace. Says which event it is, and of which session. Each delivery has its own: a second attempt is beside the first.
Span StartSpan(Tracer& tracer, std::string_view name, std::string_view subscription, const Delivery& delivery);

}  // namespace seshat::consuming
