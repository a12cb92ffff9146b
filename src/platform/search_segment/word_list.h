// The words of a segment: looked up, walked through in order, or searched for misspellings.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "platform/search_segment/byte_io.h"
#include "platform/search_segment/segment.h"

namespace seshat::search_segment {

struct WordInField {
  uint32_t field = 0;
  Posting docs;
};

// Walks through one of the two lists, in order.
class WordCursor {
 public:
  WordCursor(const Segment& segment, size_t list);

  // To the first word that is not less than `from`.
  void Seek(std::string_view from);
  // To the word of this number, from 0.
  void SeekNumber(uint64_t number);
  // Lets the memory of that word arrive while something else is done.
  void Prefetch(uint64_t number) const;
  bool at_end() const { return at_end_; }
  std::string_view word() const { return word_; }
  std::vector<WordInField> Postings() const;
  void Next();

 private:
  std::string_view BlockFrom(uint64_t block) const;
  void EnterBlock(uint64_t block);
  void Read();

  const Segment& segment_;
  const WordListRecord& list_;
  std::span<const uint32_t> blocks_;
  std::string_view bytes_;
  uint64_t next_number_ = 0;
  bool at_end_ = true;
  std::string word_;
  std::string_view postings_;  // of the current word
  ByteReader reader_{{}};      // behind them
};

// visit(cursor) for words of the list whose signature differs from `signature` in at most `most` bits: all that are
// within most / 2 edits, and some that are not.
void ForEachNearWord(const Segment& segment, size_t list, uint64_t signature, unsigned most,
                     const std::function<void(const WordCursor&)>& visit);

}  // namespace seshat::search_segment
