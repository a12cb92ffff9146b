// What a delivery's handle and a dead letter's place in the list are made of: decimal numbers with dots
// between them.
#pragma once

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace seshat::sqlite_event_bus {

template <size_t N>
std::optional<std::array<int64_t, N>> ParseNumbers(std::string_view text) {
  std::array<int64_t, N> numbers{};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (size_t i = 0; i < N; ++i) {
    if (i > 0) {
      if (at == end || *at != '.') return std::nullopt;
      ++at;
    }
    const auto [next, error] = std::from_chars(at, end, numbers[i]);
    if (error != std::errc()) return std::nullopt;
    at = next;
  }
  if (at != end) return std::nullopt;
  return numbers;
}

inline std::string MakeHandle(int64_t subscription, int64_t event, int64_t claims) {
  return fmt::format("{}.{}.{}", subscription, event, claims);
}

struct Handle {
  int64_t event = 0;
  int64_t claims = 0;
};

// Nothing where `text` is no handle of this subscription.
inline std::optional<Handle> ParseHandle(int64_t subscription, std::string_view text) {
  const auto numbers = ParseNumbers<3>(text);
  if (!numbers || (*numbers)[0] != subscription) return std::nullopt;
  return Handle{(*numbers)[1], (*numbers)[2]};
}

}  // namespace seshat::sqlite_event_bus
