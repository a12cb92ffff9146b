// Durations, sizes and bandwidths as people write them: "30s", "8MiB", "20MB/s".
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/error.h"

namespace seshat::composition {

// A number, which may have a fraction, directly followed by ms, s, m, h, d or w; several may follow each other
// ("1h30m"). A bare number is refused: nobody can tell its unit. Up to 100 years.
Result<std::chrono::milliseconds> ParseDuration(std::string_view text);
std::string FormatDuration(std::chrono::milliseconds duration);  // "1h30m", "250ms", "0s"

// A number and B, kB, MB, GB, TB (powers of 1000) or KiB, MiB, GiB, TiB (powers of 1024). Below 2^63.
Result<uint64_t> ParseSize(std::string_view text);
std::string FormatSize(uint64_t bytes);  // exact where a unit divides it, otherwise bytes: "8MiB", "1500B"

// A size followed by "/s", or "unlimited", which is 0.
Result<uint64_t> ParseBandwidth(std::string_view text);
std::string FormatBandwidth(uint64_t bytes_per_second);

// For people to read, rounded: "1.5 GiB", "812 B"; "3.2 s", "4 min 10 s", "2 h 5 min".
std::string HumanSize(uint64_t bytes);
std::string HumanDuration(std::chrono::milliseconds duration);

}  // namespace seshat::composition
