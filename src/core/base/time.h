// Points in time, as text: RFC 3339 in UTC ("2026-11-23T05:50:00.123456789Z").
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/base/error.h"

namespace seshat {

using Timestamp = std::chrono::sys_time<std::chrono::nanoseconds>;

// Fraction digits: none, three, six or nine, the fewest that lose nothing. Of every Timestamp there is (64 bits of
// nanoseconds: 1677-09-21 to 2262-04-11), so that what one machine writes another can read.
std::string FormatTimestamp(Timestamp time);
// Accepts an offset other than Z, and any number of fraction digits (beyond nine are cut). kInvalidArgument
// otherwise, and outside of what FormatTimestamp writes.
Result<Timestamp> ParseTimestamp(std::string_view text);

}  // namespace seshat
