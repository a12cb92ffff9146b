#include "cli/search/marked_hit.h"

#include <algorithm>

#include "core/base/utf8.h"
#include "services/catalog/highlight_pieces.h"

namespace seshat::cli {
std::string MarkedHit::Part(const Highlight& highlight, size_t most) const {
  std::string out;
  for (const auto& piece : catalog::PiecesOf(highlight, most)) {
    const std::string text = EscapeForTerminal(piece.text);
    out += piece.hit ? console_.Mark(text) : text;
  }
  return out;
}

std::string MarkedHit::Marked(std::string_view text, const Highlight* highlight) const {
  return highlight != nullptr ? Part(*highlight, highlight->value.size()) : EscapeForTerminal(text);
}

std::string MarkedHit::Value(std::string_view field, std::string_view text) const {
  const auto found = std::ranges::find_if(highlights_, [&](const Highlight& h) {
    return h.kind != FieldKind::kKeyName && h.field == field && h.value == text;
  });
  return Marked(text, found == highlights_.end() ? nullptr : &*found);
}

std::string MarkedHit::Key(std::string_view name) const {
  const auto found = std::ranges::find_if(
      highlights_, [&](const Highlight& h) { return h.kind == FieldKind::kKeyName && h.value == name; });
  return Marked(name, found == highlights_.end() ? nullptr : &*found);
}

}  // namespace seshat::cli
