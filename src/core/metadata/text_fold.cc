#include "core/metadata/text_fold.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

#include "core/base/utf8.h"

namespace seshat::metadata {
namespace {

// Unicode's longest canonical decomposition of one code point has four, each of which folds to at most three.
constexpr size_t kMaxPieces = 18;

// Letters without a decomposition that people type without their stroke.
struct Stroke {
  char32_t letter;
  char plain;
};
constexpr Stroke kStrokes[] = {{0xF8, 'o'}, {0x111, 'd'}, {0x127, 'h'}, {0x131, 'i'}, {0x142, 'l'}, {0x167, 't'}};

constexpr char32_t kTatweel = 0x640;

using Pieces = std::array<utf8proc_int32_t, kMaxPieces>;

// How many pieces there are.
size_t Decompose(utf8proc_int32_t c, int options, Pieces& pieces) {
  // The library's options are flags that are combined, whatever its enum says.
  // NOLINTNEXTLINE(clang-analyzer-optin.core.EnumCastOutOfRange)
  const auto all = static_cast<utf8proc_option_t>(options | UTF8PROC_DECOMPOSE);
  const auto room = static_cast<utf8proc_ssize_t>(pieces.size());
  const auto count = utf8proc_decompose_char(c, pieces.data(), room, all, nullptr);
  // Never out of range: the code point is valid and the array long enough. As it is would be right for any other.
  if (count >= 0 && std::cmp_less_equal(count, pieces.size())) return static_cast<size_t>(count);
  pieces[0] = c;
  return 1;
}

int CombiningClass(utf8proc_int32_t c) { return utf8proc_get_property(c)->combining_class; }

// See the header.
bool IsAccent(int combining_class) {
  return combining_class == 1 || (combining_class >= 10 && combining_class <= 36) ||
         (combining_class >= 200 && combining_class <= 240);
}

char LowerAscii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

// Most text is ASCII, and most of it whole.
size_t AsciiPrefix(std::string_view text) {
  constexpr uint64_t kHighBits = 0x8080808080808080;
  size_t size = 0;
  for (uint64_t eight = 0; text.size() - size >= sizeof(eight); size += sizeof(eight)) {
    std::memcpy(&eight, text.data() + size, sizeof(eight));
    if ((eight & kHighBits) != 0) break;
  }
  while (size < text.size() && static_cast<unsigned char>(text[size]) < 0x80) ++size;
  return size;
}

class Folder {
 public:
  explicit Folder(bool keep_accents) : keep_accents_(keep_accents) {}

  std::string Fold(std::string_view text) {
    out_.reserve(text.size());
    while (!text.empty()) {
      if (const size_t ascii = AsciiPrefix(text); ascii > 0) {
        FlushMarks();
        const size_t at = out_.size();
        out_.resize(at + ascii);
        std::ranges::transform(text.substr(0, ascii), out_.begin() + static_cast<std::ptrdiff_t>(at), LowerAscii);
        text.remove_prefix(ascii);
        continue;
      }
      const auto point = DecodeUtf8(text);
      if (point) {
        AddPoint(static_cast<utf8proc_int32_t>(point->value));
      } else {
        FlushMarks();
        out_ += text.front();
      }
      text.remove_prefix(point ? point->bytes : 1);
    }
    FlushMarks();
    return std::move(out_);
  }

 private:
  struct Mark {
    int combining_class;
    char32_t value;
  };

  // Marks are told apart before case is folded: the iota below a Greek vowel would become a letter by it.
  void AddPoint(utf8proc_int32_t c) {
    Pieces pieces;
    const size_t count = Decompose(c, 0, pieces);
    for (size_t i = 0; i < count; ++i) {
      if (CombiningClass(pieces[i]) != 0) {
        AddPiece(pieces[i]);
        continue;
      }
      Pieces folded;
      const size_t folds = Decompose(pieces[i], UTF8PROC_CASEFOLD, folded);
      for (size_t k = 0; k < folds; ++k) AddPiece(folded[k]);
    }
  }

  void AddPiece(utf8proc_int32_t piece) {
    const auto c = static_cast<char32_t>(piece);
    if (const int combining_class = CombiningClass(piece); combining_class != 0) {
      if (keep_accents_ || !IsAccent(combining_class)) marks_.push_back({combining_class, c});
      return;
    }
    if (!keep_accents_ && c == kTatweel) return;
    FlushMarks();
    AppendUtf8(keep_accents_ ? c : WithoutStroke(c), out_);
  }

  static char32_t WithoutStroke(char32_t c) {
    for (const auto& row : kStrokes)
      if (row.letter == c) return static_cast<char32_t>(row.plain);
    return c;
  }

  // In canonical order, so that marks which do not touch one another may come in any.
  void FlushMarks() {
    if (marks_.empty()) return;
    std::ranges::stable_sort(marks_, {}, &Mark::combining_class);
    for (const auto& mark : marks_) AppendUtf8(mark.value, out_);
    marks_.clear();
  }

  bool keep_accents_;
  std::string out_;
  std::vector<Mark> marks_;
};

}  // namespace

std::string FoldCase(std::string_view text) { return Folder(true).Fold(text); }
std::string FoldField(std::string_view name) { return FoldCase(name); }

std::string FoldAccents(std::string_view text) { return Folder(false).Fold(text); }

}  // namespace seshat::metadata
