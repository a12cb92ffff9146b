#include "core/base/edit_distance.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/base/utf8.h"

namespace seshat {
namespace {

std::u32string CodePoints(std::string_view text) {
  std::u32string out;
  while (!text.empty()) {
    const auto point = DecodeUtf8(text);
    out += point ? point->value : static_cast<unsigned char>(text.front());
    text.remove_prefix(point ? point->bytes : 1);
  }
  return out;
}

}  // namespace

std::optional<size_t> Edits(std::string_view a, std::string_view b, size_t limit) {
  const auto from = CodePoints(a);
  const auto to = CodePoints(b);
  const size_t longer = std::max(from.size(), to.size());
  const size_t shorter = std::min(from.size(), to.size());
  if (longer - shorter > limit) return std::nullopt;
  std::vector<size_t> before(to.size() + 1), last(to.size() + 1), row(to.size() + 1);
  for (size_t j = 0; j <= to.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= from.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= to.size(); ++j) {
      const size_t cost = from[i - 1] == to[j - 1] ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + cost});
      if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    if (std::ranges::min(row) > limit && std::ranges::min(last) > limit) return std::nullopt;
    std::swap(before, last);
    std::swap(last, row);
  }
  if (last[to.size()] > limit) return std::nullopt;
  return last[to.size()];
}

bool WithinEdits(std::string_view a, std::string_view b, size_t limit) { return Edits(a, b, limit).has_value(); }

}  // namespace seshat
