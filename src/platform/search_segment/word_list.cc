#include "platform/search_segment/word_list.h"

#include <algorithm>

#include "platform/search_segment/count_bits.h"

namespace seshat::search_segment {

WordCursor::WordCursor(const Segment& segment, size_t list)
    : segment_(segment),
      list_(segment.word_list(list)),
      blocks_(segment.Array<uint32_t>(list_.blocks)),
      bytes_(segment.Text(list_.bytes)) {}

std::string_view WordCursor::BlockFrom(uint64_t block) const {
  return bytes_.substr(std::min<size_t>(blocks_[block], bytes_.size()));
}

void WordCursor::EnterBlock(uint64_t block) {
  next_number_ = block * kWordsInBlock;
  reader_ = ByteReader(BlockFrom(block));
  word_.clear();
  Read();
}

void WordCursor::Seek(std::string_view from) {
  at_end_ = true;
  if (list_.words == 0) return;
  // The last block that begins with a word that is not greater.
  uint64_t low = 0;
  for (uint64_t high = blocks_.size() - 1; high - low > 1;) {
    const uint64_t middle = (low + high) / 2;
    ByteReader first(BlockFrom(middle));
    first.Varint();
    first.Text() <= from ? low = middle : high = middle;
  }
  EnterBlock(low);
  while (!at_end_ && word_ < from) Next();
}

void WordCursor::SeekNumber(uint64_t number) {
  at_end_ = true;
  if (number >= list_.words) return;
  EnterBlock(number / kWordsInBlock);
  while (!at_end_ && next_number_ <= number) Next();
}

void WordCursor::Prefetch(uint64_t number) const {
  if (number < list_.words) __builtin_prefetch(BlockFrom(number / kWordsInBlock).data());
}

void WordCursor::Next() {
  if (next_number_ >= list_.words) {
    at_end_ = true;
  } else if (next_number_ % kWordsInBlock == 0) {
    EnterBlock(next_number_ / kWordsInBlock);
  } else {
    Read();
  }
}

void WordCursor::Read() {
  const auto shared = reader_.Varint();
  const auto rest = reader_.Text();
  word_.resize(std::min<size_t>(shared, word_.size()));
  word_ += rest;
  postings_ = reader_.Text();
  at_end_ = !reader_.ok();
  ++next_number_;
}

std::vector<WordInField> WordCursor::Postings() const {
  std::vector<WordInField> out;
  ByteReader reader(postings_);
  while (!reader.empty()) {
    const auto field = reader.Varint();
    const auto count = reader.Varint();
    const auto at = reader.Varint();
    const auto times = reader.Varint();
    if (!reader.ok() || field >= segment_.fields().size() || count == 0) break;
    const auto docs = count == 1
                          ? Posting(static_cast<uint16_t>(at), static_cast<uint8_t>(std::max<uint64_t>(times, 1)))
                          : segment_.PostingAt(at, count, times);
    out.push_back({static_cast<uint32_t>(field), docs});
  }
  return out;
}

void ForEachNearWord(const Segment& segment, size_t list, uint64_t signature, unsigned most,
                     const std::function<void(const WordCursor&)>& visit) {
  const auto signatures = segment.Array<uint64_t>(segment.word_list(list).signatures);
  std::vector<uint32_t> near;
  FindNearWords(signatures, signature, most, near);
  WordCursor cursor(segment, list);
  // They lie far from each other: while one is looked at, the memory of those behind it arrives.
  constexpr size_t kAhead = 6;
  for (size_t i = 0; i < near.size(); ++i) {
    if (i + kAhead < near.size()) cursor.Prefetch(near[i + kAhead]);
    cursor.SeekNumber(near[i]);
    if (!cursor.at_end()) visit(cursor);
  }
}

}  // namespace seshat::search_segment
