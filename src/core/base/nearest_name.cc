#include "core/base/nearest_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "core/base/edit_distance.h"

namespace seshat {
namespace {

// Long texts are no typing mistakes, and the work grows with the square.
constexpr size_t kMaxNameBytes = 200;

std::string Fold(std::string_view text) {
  std::string folded(text.substr(0, kMaxNameBytes));
  std::ranges::transform(folded, folded.begin(), [](unsigned char c) { return std::tolower(c); });
  return folded;
}

}  // namespace

std::string Nearest(std::string_view typed, const std::vector<std::string>& candidates) {
  const std::string folded = Fold(typed);
  size_t limit = std::max<size_t>(1, folded.size() / 3);
  std::string nearest;
  bool found = false;
  for (const std::string& candidate : candidates) {
    const std::optional<size_t> edits = Edits(folded, Fold(candidate), limit);
    if (!edits || (found && *edits == limit)) continue;
    limit = *edits;
    nearest = candidate;
    found = true;
    if (limit == 0) break;
  }
  return nearest;
}

std::string DidYouMean(std::string_view typed, const std::vector<std::string>& candidates) {
  const std::string nearest = Nearest(typed, candidates);
  return nearest.empty() ? "" : fmt::format("; did you mean '{}'?", nearest);
}

}  // namespace seshat
