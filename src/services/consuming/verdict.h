// What becomes of a delivery, and the one rule by which an error decides it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "core/base/backoff.h"
#include "core/base/error.h"
#include "ports/random.h"

namespace seshat::consuming {

struct Verdict {
  bool done = false;                   // it never comes again
  std::chrono::milliseconds delay{0};  // not done: it comes again no sooner than this
  std::string reason;                  // not done: what its dead letter says, should that have been the last time

  static Verdict Done() { return {.done = true}; }
};

// True where no later try can end better: the event, or a record that it names, is not what it must be
// (kInvalidArgument, kDataLoss). Everything else passes, or is mended by people.
bool IsHopeless(const Error& error);

// The verdict on a delivery that could not be handled because of `error`, which is about the event or about what it
// names. Hopeless: again at once, so that it is a dead letter within seconds and the reason is seen. kCancelled: again
// at once, for somebody else. Otherwise as AfterFault.
Verdict AfterError(const Error& error, uint32_t attempt, const Backoff& backoff, Random& random);

// The same where the surroundings are at fault, whatever they call it (a damaged index, say): after the backoff, and
// no sooner than the far side asked for. Never more than the twelve hours of event_bus.h.
Verdict AfterFault(const Error& error, uint32_t attempt, const Backoff& backoff, Random& random);

}  // namespace seshat::consuming
