#include "platform/search_segment/doc_set.h"

#include <algorithm>

#include "platform/search_segment/count_bits.h"

namespace seshat::search_segment {
size_t DocSet::Count() const { return CountBits(words_); }

bool DocSet::empty() const {
  return std::ranges::all_of(words_, [](uint64_t word) { return word == 0; });
}

void DocSet::ClearTail() {
  if (docs_ % kBits != 0) words_.back() &= (uint64_t{1} << (docs_ % kBits)) - 1;
}

void DocSet::Invert() {
  for (auto& word : words_) word = ~word;
  ClearTail();
}

void DocSet::And(const DocSet& other) {
  for (size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
}

void DocSet::Or(const DocSet& other) {
  for (size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
}

void DocSet::AndNot(const DocSet& other) {
  for (size_t i = 0; i < words_.size(); ++i) words_[i] &= ~other.words_[i];
}

size_t DocSet::Next(size_t doc) const {
  if (doc >= docs_) return docs_;
  size_t w = doc / kBits;
  uint64_t bits = words_[w] & (~uint64_t{0} << (doc % kBits));
  while (bits == 0) {
    if (++w == words_.size()) return docs_;
    bits = words_[w];
  }
  return w * kBits + static_cast<size_t>(std::countr_zero(bits));
}

}  // namespace seshat::search_segment
