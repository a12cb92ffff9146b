// The two things that every reader of short texts does: take it apart, and read a whole number.
#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string_view>
#include <system_error>
#include <vector>

namespace seshat {

// What stands between the separators; one part more than there are separators, so never none. The parts point into `text`.
std::vector<std::string_view> Split(std::string_view text, char separator);

// The number that the whole of `text` is: no blanks, no plus sign, a minus sign only where T has a sign, and nothing
// that T cannot hold.
template <std::integral T>
std::optional<T> ParseInteger(std::string_view text, int base = 10) {
  T number{};
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number, base);
  return error == std::errc{} && end == last ? std::optional(number) : std::nullopt;
}

}  // namespace seshat
