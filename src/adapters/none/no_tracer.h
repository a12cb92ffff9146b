// The tracer of who wants no traces: nothing is recorded. Ids still go from a session's scan to its index entry, in log
// lines and events.
#pragma once

#include <memory>

#include "ports/tracer.h"

namespace seshat::none {

// Both must outlive it.
std::unique_ptr<Tracer> MakeNoTracer(Clock& clock, Random& random);

}  // namespace seshat::none
