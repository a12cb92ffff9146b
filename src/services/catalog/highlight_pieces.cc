#include "services/catalog/highlight_pieces.h"

#include <algorithm>
#include <string_view>

namespace seshat::catalog {
namespace {

constexpr std::string_view kCut = "…";

// The next beginning of a letter, so that none is cut in two.
size_t LetterFrom(std::string_view text, size_t at) {
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
  return std::min(at, text.size());
}

void Add(std::vector<TextPiece>& pieces, std::string_view text, bool hit) {
  if (!text.empty()) pieces.push_back({std::string(text), hit});
}

}  // namespace

std::vector<TextPiece> PiecesOf(const Highlight& highlight, size_t most) {
  const std::string_view text = highlight.value;
  size_t begin = 0;
  size_t end = text.size();
  if (text.size() > most) {
    const size_t first = highlight.spans.front().begin;
    constexpr size_t kShareBefore = 4;
    begin = LetterFrom(text, first - std::min(first, most / kShareBefore));
    end = LetterFrom(text, std::min(begin + most, text.size()));
  }
  std::vector<TextPiece> pieces;
  if (begin > 0) Add(pieces, kCut, false);
  size_t at = begin;
  for (const auto& span : highlight.spans) {
    const size_t from = std::clamp(span.begin, at, end);
    const size_t to = std::clamp(span.end, at, end);
    Add(pieces, text.substr(at, from - at), false);
    Add(pieces, text.substr(from, to - from), true);
    at = to;
  }
  Add(pieces, text.substr(at, end - at), false);
  if (end < text.size()) Add(pieces, kCut, false);
  return pieces;
}

}  // namespace seshat::catalog
