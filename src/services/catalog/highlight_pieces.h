// What a search hit in a value, cut to what there is room for.
#pragma once

#include <string>
#include <vector>

#include "core/query/highlight.h"

namespace seshat::catalog {

struct TextPiece {
  std::string text;
  bool hit = false;
  bool operator==(const TextPiece&) const = default;
};

// The value in pieces, in order. Of one longer than `most` bytes: about so much of it, from a little before the first
// hit, with "…" where it is cut.
std::vector<TextPiece> PiecesOf(const Highlight& highlight, size_t most);

}  // namespace seshat::catalog
