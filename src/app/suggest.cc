#include "app/suggest.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace seshat::app {
namespace {

// Long texts are no typing mistakes, and the table below grows with the square.
constexpr size_t kLongest = 200;

std::string Fold(std::string_view text) {
  std::string folded(text.substr(0, kLongest));
  std::ranges::transform(folded, folded.begin(), [](unsigned char c) { return std::tolower(c); });
  return folded;
}

// Optimal string alignment: insert, delete, replace, exchange neighbours.
size_t Distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<size_t>> d(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      d[i][j] =
          std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace

std::string Nearest(std::string_view typed, const std::vector<std::string>& candidates) {
  const std::string folded = Fold(typed);
  size_t best = std::max<size_t>(1, folded.size() / 3) + 1;
  std::string nearest;
  for (const std::string& candidate : candidates) {
    const std::string other = Fold(candidate);
    if (std::max(other.size(), folded.size()) - std::min(other.size(), folded.size()) >= best) continue;
    const size_t distance = Distance(folded, other);
    if (distance >= best) continue;
    best = distance;
    nearest = candidate;
  }
  return nearest;
}

std::string DidYouMean(std::string_view typed, const std::vector<std::string>& candidates) {
  const std::string nearest = Nearest(typed, candidates);
  return nearest.empty() ? "" : fmt::format("; did you mean '{}'?", nearest);
}

}  // namespace seshat::app
