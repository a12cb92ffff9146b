// Times in HTTP headers.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "core/base/time.h"

namespace seshat::http {

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, section 5.6.7); the two obsolete forms are not read.
std::optional<Timestamp> ParseHttpDate(std::string_view text);

// A Retry-After header: seconds, or a date. Never negative, at most a day.
std::optional<std::chrono::milliseconds> ParseRetryAfter(std::string_view text, Timestamp now);

}  // namespace seshat::http
