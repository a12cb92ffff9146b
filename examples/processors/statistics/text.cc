#include <charconv>
#include <cmath>

#include "formats.h"

namespace seshat::statistics {

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n\0";
  const std::string_view blanks(kBlanks.data(), 5);
  const size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::optional<double> ParseNumber(std::string_view text) {
  text = Trim(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool all = error == std::errc{} && end == text.data() + text.size();
  if (text.empty() || !all || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace seshat::statistics
