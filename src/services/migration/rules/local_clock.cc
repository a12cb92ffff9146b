#include "services/migration/rules/local_clock.h"

#include <algorithm>
#include <utility>

namespace seshat::migration {
namespace {

using std::chrono::local_seconds;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr std::chrono::hours kAround{24};

}  // namespace

LocalClock::LocalClock(std::function<minutes(Timestamp)> utc_offset) : utc_offset_(std::move(utc_offset)) {}

minutes LocalClock::Offset(Seconds time) const { return utc_offset_ ? utc_offset_(Timestamp(time)) : minutes(0); }

local_seconds LocalClock::Local(Timestamp time) const {
  const auto whole = std::chrono::floor<seconds>(time);
  return local_seconds(whole.time_since_epoch() + Offset(whole));
}

LocalClock::Instants LocalClock::InstantsOf(local_seconds local) const {
  const sys_seconds as_utc(local.time_since_epoch());
  // The offsets before and after whatever change there may be near it.
  const minutes before = Offset(as_utc - kAround);
  const minutes after = Offset(as_utc + kAround);
  const sys_seconds early = as_utc - before;
  const sys_seconds late = as_utc - after;
  const bool early_is_shown = Offset(early) == before;
  const bool late_is_shown = Offset(late) == after;
  if (early_is_shown && late_is_shown) return {std::min(early, late), std::max(early, late)};
  if (early_is_shown) return {early, early};
  if (late_is_shown) return {late, late};
  // Leapt over: the leap lies between the two, `late` before it and `early` after it.
  sys_seconds low = late;
  sys_seconds high = early;
  while (high - low > seconds(1)) {
    const sys_seconds middle = low + (high - low) / 2;
    (Offset(middle) == after ? high : low) = middle;
  }
  return {high, high};
}

Timestamp LocalClock::FirstInstant(local_seconds local) const { return InstantsOf(local).first; }

Timestamp LocalClock::InstantAfter(local_seconds local, Timestamp after) const {
  const Instants instants = InstantsOf(local);
  return instants.first > after ? instants.first : instants.second;
}

}  // namespace seshat::migration
