#include "adapters/search_segment/doc_set.h"

#include <algorithm>

namespace seshat::search_segment {
namespace {

// The generic processor that we compile for has no instruction for it.
uint64_t Ones(uint64_t x) {
  x -= x >> 1 & 0x5555555555555555;
  x = (x & 0x3333333333333333) + (x >> 2 & 0x3333333333333333);
  x = (x + (x >> 4)) & 0x0F0F0F0F0F0F0F0F;
  return x * 0x0101010101010101 >> 56;
}

}  // namespace

size_t DocSet::Count() const {
  uint64_t count = 0;
  for (const uint64_t word : words_) count += Ones(word);
  return count;
}

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
