#include "composition/config/units.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <optional>

namespace seshat::composition {
namespace {

struct Unit {
  std::string_view name;
  uint64_t factor;
};

// Longest first where one is the beginning of another.
constexpr std::array<Unit, 6> kTimeUnits{
    {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}, {"w", 7 * 86'400'000ULL}}};

constexpr std::array<Unit, 9> kSizeUnits{{{"TiB", 1ULL << 40},
                                          {"TB", 1'000'000'000'000},
                                          {"GiB", 1ULL << 30},
                                          {"GB", 1'000'000'000},
                                          {"MiB", 1ULL << 20},
                                          {"MB", 1'000'000},
                                          {"KiB", 1ULL << 10},
                                          {"kB", 1000},
                                          {"B", 1}}};

// Takes an unsigned decimal number from the front of `text`.
std::optional<double> TakeNumber(std::string_view& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc() || text.front() == '-' || !std::isfinite(value)) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return value;
}

template <size_t N>
const Unit* TakeUnit(std::string_view& text, const std::array<Unit, N>& units) {
  for (const Unit& unit : units) {
    if (!text.starts_with(unit.name)) continue;
    text.remove_prefix(unit.name.size());
    return &unit;
  }
  return nullptr;
}

Error BadDuration(std::string_view text) {
  return {ErrorCode::kInvalidArgument,
          fmt::format("'{}' is no duration (like 30s, 5m, 1h30m, 7d)", text.substr(0, 40))};
}

}  // namespace

Result<std::chrono::milliseconds> ParseDuration(std::string_view text) {
  std::string_view rest = text;
  double total = 0;
  do {
    const auto number = TakeNumber(rest);
    const Unit* unit = number ? TakeUnit(rest, kTimeUnits) : nullptr;
    if (unit == nullptr) return std::unexpected(BadDuration(text));
    total += *number * static_cast<double>(unit->factor);
  } while (!rest.empty());
  constexpr double kHundredYears = 100.0 * 366 * 86'400'000;
  if (total > kHundredYears) return std::unexpected(BadDuration(text));
  return std::chrono::milliseconds(std::llround(total));
}

std::string FormatDuration(std::chrono::milliseconds duration) {
  auto rest = static_cast<uint64_t>(std::max<int64_t>(0, duration.count()));
  std::string text;
  for (const auto& [name, factor] :
       {Unit{"d", 86'400'000}, Unit{"h", 3'600'000}, Unit{"m", 60'000}, Unit{"s", 1000}, Unit{"ms", 1}}) {
    if (rest < factor) continue;
    text += fmt::format("{}{}", rest / factor, name);
    rest %= factor;
  }
  return text.empty() ? "0s" : text;
}

Result<uint64_t> ParseSize(std::string_view text) {
  std::string_view rest = text;
  const auto number = TakeNumber(rest);
  while (rest.starts_with(' ')) rest.remove_prefix(1);
  const Unit* unit = number ? TakeUnit(rest, kSizeUnits) : nullptr;
  const double total = unit != nullptr ? *number * static_cast<double>(unit->factor) : 0;
  if (unit == nullptr || !rest.empty() || total >= 0x1p63)
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("'{}' is no size (like 512KiB, 8MiB, 2GB)", text.substr(0, 40)));
  return static_cast<uint64_t>(std::llround(total));
}

std::string FormatSize(uint64_t bytes) {
  for (const Unit& unit : kSizeUnits) {
    if (unit.name != "B" && bytes >= unit.factor && bytes % unit.factor == 0)
      return fmt::format("{}{}", bytes / unit.factor, unit.name);
  }
  return fmt::format("{}B", bytes);
}

Result<uint64_t> ParseBandwidth(std::string_view text) {
  if (text == "unlimited") return 0;
  std::string_view size = text;
  if (size.ends_with("/s")) {
    size.remove_suffix(2);
    if (const auto bytes = ParseSize(size); bytes && *bytes > 0) return *bytes;
  }
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("'{}' is no bandwidth (like 20MB/s, 512KiB/s, unlimited)", text.substr(0, 40)));
}

std::string FormatBandwidth(uint64_t bytes_per_second) {
  return bytes_per_second == 0 ? "unlimited" : FormatSize(bytes_per_second) + "/s";
}

std::string HumanSize(uint64_t bytes) {
  if (bytes < 1024) return fmt::format("{} B", bytes);
  double value = static_cast<double>(bytes);
  const char* unit = "B";
  for (const char* next : {"KiB", "MiB", "GiB", "TiB", "PiB"}) {
    if (value < 1024) break;
    value /= 1024;
    unit = next;
  }
  return fmt::format("{:.{}f} {}", value, value < 10 ? 1 : 0, unit);
}

std::string HumanDuration(std::chrono::milliseconds duration) {
  const int64_t ms = std::max<int64_t>(0, duration.count());
  if (ms < 1000) return fmt::format("{} ms", ms);
  const int64_t seconds = ms / 1000;
  if (seconds < 60) return fmt::format("{:.1f} s", static_cast<double>(ms) / 1000);
  if (seconds < 3600) return fmt::format("{} min {} s", seconds / 60, seconds % 60);
  if (seconds < 48 * 3600) return fmt::format("{} h {} min", seconds / 3600, seconds % 3600 / 60);
  return fmt::format("{} days", seconds / 86'400);
}

}  // namespace seshat::composition
