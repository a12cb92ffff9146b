#include "core/metadata/text_fold.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "core/base/utf8.h"

namespace seshat::metadata {
namespace {

// Every code point first, first + step, …, last folds to itself + delta.
struct CaseRange {
  char32_t first;
  char32_t last;
  char32_t step;
  int32_t delta;
};

// mark is 0 where a code point stands for one other.
struct Decomposition {
  char32_t whole;
  char32_t base;
  char32_t mark;
};

#include "core/metadata/text_fold_table.inc"

struct CodeRange {
  char32_t first;
  char32_t last;
};

// Letters without a decomposition that people type without their stroke.
constexpr Decomposition kStrokes[] = {{0xF8, 'o', 0},  {0x111, 'd', 0}, {0x127, 'h', 0},
                                      {0x131, 'i', 0}, {0x142, 'l', 0}, {0x167, 't', 0}};

// Beyond ASCII: what divides words.
constexpr CodeRange kDividers[] = {
    {0x80, 0xA9},     {0xAB, 0xB4},     {0xB6, 0xB9},     {0xBB, 0xBF},     {0xD7, 0xD7},     {0xF7, 0xF7},
    {0x1680, 0x1680}, {0x2000, 0x206F}, {0x20A0, 0x20CF}, {0x2190, 0x24FF}, {0x2500, 0x25FF}, {0x2E00, 0x2E7F},
    {0x3000, 0x3004}, {0x3008, 0x3020}, {0x3030, 0x3030}, {0x303D, 0x303F}, {0xE000, 0xF8FF}, {0xFD3E, 0xFD3F},
    {0xFE00, 0xFE6F}, {0xFEFF, 0xFF0F}, {0xFF1A, 0xFF20}, {0xFF3B, 0xFF40}, {0xFF5B, 0xFF65}, {0xFFE0, 0xFFFF}};

constexpr CodeRange kIdeographs[] = {
    {0x3040, 0x30FF}, {0x3400, 0x4DBF}, {0x4E00, 0x9FFF}, {0xF900, 0xFAFF}, {0x20000, 0x3FFFD}};

constexpr char32_t kFirstMark = 0x300;
constexpr char32_t kLastMark = 0x36F;

bool IsMark(char32_t c) { return c >= kFirstMark && c <= kLastMark; }

template <size_t N>
bool IsIn(const CodeRange (&ranges)[N], char32_t c) {
  const auto* range = std::ranges::lower_bound(ranges, c, {}, [](const CodeRange& r) { return r.last; });
  return range != std::end(ranges) && range->first <= c;
}

char32_t FoldOne(char32_t c) {
  if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
  const auto* range = std::ranges::lower_bound(kCaseRanges, c, {}, [](const CaseRange& r) { return r.last; });
  if (range == std::end(kCaseRanges) || range->first > c || (c - range->first) % range->step != 0) return c;
  return static_cast<char32_t>(static_cast<int32_t>(c) + range->delta);
}

// Appends the base and its marks. Every step goes to a simpler code point, at most four deep.
void Decompose(char32_t c, std::u32string& out) {
  const auto* row = std::ranges::lower_bound(kDecompositions, c, {}, &Decomposition::whole);
  if (c < 0xC0 || row == std::end(kDecompositions) || row->whole != c) {
    out += c;
    return;
  }
  Decompose(row->base, out);
  if (row->mark != 0) out += row->mark;
}

char32_t WithoutStroke(char32_t c) {
  for (const auto& row : kStrokes)
    if (row.whole == c) return row.base;
  return c;
}

class Folder {
 public:
  explicit Folder(bool keep_accents) : keep_accents_(keep_accents) {}

  std::string Fold(std::string_view text) {
    out_.reserve(text.size());
    while (!text.empty()) {
      if (static_cast<unsigned char>(text.front()) < 0x80) {
        FlushMarks();
        out_ += static_cast<char>(FoldOne(static_cast<unsigned char>(text.front())));
        text.remove_prefix(1);
        continue;
      }
      const auto point = DecodeUtf8(text);
      if (!point) {
        FlushMarks();
        out_ += text.front();
        text.remove_prefix(1);
        continue;
      }
      parts_.clear();
      Decompose(FoldOne(point->value), parts_);
      for (const char32_t part : parts_) Add(part);
      text.remove_prefix(point->bytes);
    }
    FlushMarks();
    return std::move(out_);
  }

 private:
  void Add(char32_t c) {
    if (IsMark(c)) {
      if (keep_accents_) marks_ += c;
      return;
    }
    FlushMarks();
    AppendUtf8(keep_accents_ ? c : WithoutStroke(c), out_);
  }

  // Marks on one letter come in any order; sorted, equal letters are equal.
  void FlushMarks() {
    if (marks_.empty()) return;
    std::ranges::sort(marks_);
    for (const char32_t mark : marks_) AppendUtf8(mark, out_);
    marks_.clear();
  }

  bool keep_accents_;
  std::string out_;
  std::u32string parts_;
  std::u32string marks_;
};

bool IsWordCharacter(char32_t c) {
  if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  return !IsIn(kDividers, c);
}

// Divides folded text into words, a code point at a time.
class WordCutter {
 public:
  // The code point at the start of `folded`, which stands for [begin, end); answers its bytes.
  size_t Take(std::string_view folded, size_t begin, size_t end) {
    const auto point = DecodeUtf8(folded);
    const size_t bytes = point ? point->bytes : 1;
    if (!point || !IsWordCharacter(point->value)) {
      Finish();
      return bytes;
    }
    const bool alone = IsIn(kIdeographs, point->value);
    if (alone) Finish();
    if (word_.word.empty()) word_.begin = begin;
    word_.end = end;
    // At its limit the rest of a word is skipped.
    cut_ |= word_.word.size() + bytes > kMaxWordBytes;
    if (!cut_) word_.word += folded.substr(0, bytes);
    if (alone) Finish();
    return bytes;
  }
  void Extend(size_t end) {
    if (!word_.word.empty()) word_.end = end;
  }
  std::vector<PlacedWord> Words() && {
    Finish();
    return std::move(words_);
  }

 private:
  void Finish() {
    if (!word_.word.empty()) words_.push_back(std::move(word_));
    word_ = {};
    cut_ = false;
  }

  std::vector<PlacedWord> words_;
  PlacedWord word_;
  bool cut_ = false;
};

}  // namespace

std::string FoldCase(std::string_view text) { return Folder(true).Fold(text); }
std::string FoldField(std::string_view name) { return FoldCase(name); }

std::string FoldAccents(std::string_view text) { return Folder(false).Fold(text); }

std::vector<std::string> Words(std::string_view text) {
  WordCutter cutter;
  const std::string folded = FoldAccents(text);
  std::string_view rest = folded;
  while (!rest.empty()) {
    const size_t at = static_cast<size_t>(rest.data() - folded.data());
    const size_t bytes = cutter.Take(rest, at, at);
    rest.remove_prefix(bytes);
  }
  std::vector<std::string> words;
  for (auto& placed : std::move(cutter).Words()) words.push_back(std::move(placed.word));
  return words;
}

// Code points fold one by one, whatever stands around them, so that each folded one has its place.
std::vector<PlacedWord> PlacedWords(std::string_view text) {
  WordCutter cutter;
  size_t end = 0;
  for (size_t begin = 0; begin < text.size(); begin = end) {
    const auto point = DecodeUtf8(text.substr(begin));
    end = begin + (point ? point->bytes : 1);
    const std::string folded = FoldAccents(text.substr(begin, end - begin));
    std::string_view rest = folded;
    if (rest.empty()) cutter.Extend(end);  // an accent by itself
    while (!rest.empty()) rest.remove_prefix(cutter.Take(rest, begin, end));
  }
  return std::move(cutter).Words();
}

}  // namespace seshat::metadata
