// Times on the clock on the wall, and the instants that they stand for.
//
// An offset belongs to an instant, never to a day: around a change of the clocks a time on the wall comes twice or not
// at all. So no difference of two times on the wall is ever added to an instant.
#pragma once

#include <chrono>
#include <functional>

#include "core/base/time.h"

namespace seshat::migration {

// Immutable; any thread, where `utc_offset` is.
class LocalClock {
 public:
  // What the wall is ahead of UTC at an instant. Empty: UTC. At most one change within a day.
  explicit LocalClock(std::function<std::chrono::minutes(Timestamp)> utc_offset);

  std::chrono::local_seconds Local(Timestamp time) const;
  // The first instant at which the wall shows `local`; where the clocks leap over it, the instant of the leap.
  Timestamp FirstInstant(std::chrono::local_seconds local) const;
  // The same, but the second of two where the first is not after `after`.
  Timestamp InstantAfter(std::chrono::local_seconds local, Timestamp after) const;

 private:
  using Seconds = std::chrono::sys_seconds;
  struct Instants {
    Seconds first;
    Seconds second;  // equal to `first` but where a time comes twice
  };
  std::chrono::minutes Offset(Seconds time) const;
  Instants InstantsOf(std::chrono::local_seconds local) const;

  std::function<std::chrono::minutes(Timestamp)> utc_offset_;
};

}  // namespace seshat::migration
