// The machine's own clock and randomness.
#pragma once

#include <memory>

#include "ports/clock.h"
#include "ports/random.h"

namespace seshat::system {

std::unique_ptr<Clock> MakeSystemClock();
// getrandom(2). Ends the program where the kernel has no randomness to give: nothing could be safe after
// that.
std::unique_ptr<Random> MakeSystemRandom();

}  // namespace seshat::system
