// What a word is: the second half of text_fold.h.
#include <utf8proc.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/utf8.h"
#include "core/metadata/text_fold.h"

namespace seshat::metadata {
namespace {

struct CodeRange {
  char32_t first;
  char32_t last;
};

// Beyond ASCII: what divides words besides punctuation and blanks.
constexpr CodeRange kDividers[] = {
    {0x80, 0xA9},     {0xAB, 0xB4},     {0xB6, 0xB9},     {0xBB, 0xBF},     {0xD7, 0xD7},     {0xF7, 0xF7},
    {0x2000, 0x206F}, {0x20A0, 0x20CF}, {0x2190, 0x24FF}, {0x2500, 0x25FF}, {0x2E00, 0x2E7F}, {0x3000, 0x3004},
    {0x3008, 0x3020}, {0x303D, 0x303F}, {0xE000, 0xF8FF}, {0xFE00, 0xFE6F}, {0xFEFF, 0xFF0F}, {0xFF1A, 0xFF20},
    {0xFF3B, 0xFF40}, {0xFF5B, 0xFF65}, {0xFFE0, 0xFFFF}};

constexpr CodeRange kIdeographs[] = {{0x3040, 0x3098}, {0x309B, 0x30FF}, {0x3400, 0x4DBF},
                                     {0x4E00, 0x9FFF}, {0xF900, 0xFAFF}, {0x20000, 0x3FFFD}};

template <size_t N>
bool IsIn(const CodeRange (&ranges)[N], char32_t c) {
  const auto* range = std::ranges::lower_bound(ranges, c, {}, [](const CodeRange& r) { return r.last; });
  return range != std::end(ranges) && range->first <= c;
}

utf8proc_category_t CategoryOf(char32_t c) { return utf8proc_category(static_cast<utf8proc_int32_t>(c)); }

// A mark that the letter before it carries.
bool IsMark(char32_t c) { return c >= 0x300 && CategoryOf(c) == UTF8PROC_CATEGORY_MN; }

// Whatever is sorted together with the marks before it.
bool CarriedByLetter(char32_t c) {
  return c >= 0x300 && (utf8proc_get_property(static_cast<utf8proc_int32_t>(c))->combining_class != 0 || IsMark(c));
}

bool IsPunctuationOrBlank(char32_t c) {
  switch (CategoryOf(c)) {
    case UTF8PROC_CATEGORY_PC:
    case UTF8PROC_CATEGORY_PD:
    case UTF8PROC_CATEGORY_PS:
    case UTF8PROC_CATEGORY_PE:
    case UTF8PROC_CATEGORY_PI:
    case UTF8PROC_CATEGORY_PF:
    case UTF8PROC_CATEGORY_PO:
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_SC:
      return true;
    default:
      return false;
  }
}

bool IsWordCharacter(char32_t c) {
  if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  return !IsIn(kDividers, c) && !IsPunctuationOrBlank(c);
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
      after_ideograph_ = false;
      return bytes;
    }
    const bool alone = IsIn(kIdeographs, point->value);
    // The voicing of a kana is a part of it.
    const bool carried = after_ideograph_ && IsMark(point->value);
    if (!carried && (alone || after_ideograph_)) Finish();
    after_ideograph_ = alone || carried;
    if (word_.word.empty()) word_.begin = begin;
    word_.end = end;
    // At its limit the rest of a word is skipped.
    cut_ |= word_.word.size() + bytes > kMaxWordBytes;
    if (!cut_) word_.word += folded.substr(0, bytes);
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
  bool after_ideograph_ = false;
};

// The end of the letter at `begin` with the marks that it carries, which may fold to another order: also over what folds to
// nothing, such as a tatweel, since the marks around that meet.
size_t EndOfLetter(std::string_view text, size_t begin) {
  const auto first = DecodeUtf8(text.substr(begin));
  size_t end = begin + (first ? first->bytes : 1);
  // Only ASCII follows most letters, and carries nothing.
  while (end < text.size() && static_cast<unsigned char>(text[end]) >= 0x80) {
    const auto next = DecodeUtf8(text.substr(end));
    if (!next) break;
    if (!CarriedByLetter(next->value) && !FoldAccents(text.substr(end, next->bytes)).empty()) break;
    end += next->bytes;
  }
  return end;
}

}  // namespace

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

// A letter and its marks fold alike whatever stands around them, so that each folded code point has its place.
std::vector<PlacedWord> PlacedWords(std::string_view text) {
  WordCutter cutter;
  size_t end = 0;
  for (size_t begin = 0; begin < text.size(); begin = end) {
    end = EndOfLetter(text, begin);
    const std::string folded = FoldAccents(text.substr(begin, end - begin));
    std::string_view rest = folded;
    if (rest.empty()) cutter.Extend(end);  // an accent by itself
    while (!rest.empty()) rest.remove_prefix(cutter.Take(rest, begin, end));
  }
  return std::move(cutter).Words();
}

}  // namespace seshat::metadata
