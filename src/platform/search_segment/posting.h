// Lists of documents as segments keep them: a bitmap where one in sixteen or more is in it, else 16 bits each.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/search_segment/doc_set.h"
#include "platform/search_segment/segment_format.h"

namespace seshat::search_segment {

// Behind `out`'s end, which becomes a multiple of 8 bytes for bitmaps.
void AppendPosting(const std::vector<uint16_t>& docs, size_t docs_in_segment, std::string& out);
void AppendMore(const std::vector<std::pair<uint16_t, uint8_t>>& more, std::string& out);

// One list in place.
class Posting {
 public:
  // The list of `count` at the beginning of `bytes`, with `more` exceptions behind it. Empty where it does not fit.
  Posting(std::string_view bytes, size_t count, size_t more, size_t docs_in_segment);
  // A list of one.
  Posting(uint16_t doc, uint8_t times) : count_(1), single_(doc), single_times_(times) {}

  size_t count() const { return count_; }
  void AddTo(DocSet& docs) const;
  void AppendTo(std::vector<uint16_t>& docs) const;
  // Adds how often each of `docs` has it. Both are ascending.
  void AddTimes(const std::vector<uint16_t>& docs, std::vector<uint32_t>& times) const;
  // Documents that have it more than once.
  std::vector<std::pair<uint16_t, uint8_t>> More() const;

 private:
  bool is_bitmap() const { return bitmap_; }

  std::string_view bytes_;
  std::string_view more_;
  size_t count_ = 0;
  bool bitmap_ = false;
  uint16_t single_ = 0;
  uint8_t single_times_ = 0;  // 0: not a list of one in place
};

// Of what must be right before anything else is looked at.
uint64_t HeaderChecksum(const SegmentHeader& header, std::string_view field_records);

}  // namespace seshat::search_segment
