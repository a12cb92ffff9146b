// A set of the documents of one segment, as a bitmap. Documents are numbered from 0, newest first.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace seshat::search_segment {

class DocSet {
 public:
  static constexpr size_t kBits = 64;

  DocSet() = default;
  explicit DocSet(size_t docs) : docs_(docs), words_((docs + kBits - 1) / kBits) {}
  static DocSet All(size_t docs) {
    DocSet set(docs);
    set.Invert();
    return set;
  }

  size_t docs() const { return docs_; }  // there are, members or not
  bool Has(size_t doc) const { return doc < docs_ && (words_[doc / kBits] >> (doc % kBits) & 1) != 0; }
  // Ignores what is no document: a damaged list cannot write elsewhere.
  void Add(size_t doc) {
    if (doc < docs_) words_[doc / kBits] |= uint64_t{1} << (doc % kBits);
  }
  void Remove(size_t doc) {
    if (doc < docs_) words_[doc / kBits] &= ~(uint64_t{1} << (doc % kBits));
  }
  // Bits beyond docs() must be clear.
  std::span<uint64_t> words() { return words_; }
  std::span<const uint64_t> words() const { return words_; }

  size_t Count() const;
  bool empty() const;
  void Invert();
  void And(const DocSet& other);
  void Or(const DocSet& other);
  void AndNot(const DocSet& other);

  // The first member from `doc` on; docs() where there is none.
  size_t Next(size_t doc) const;

  template <typename Visit>
  void ForEach(const Visit& visit) const {
    for (size_t w = 0; w < words_.size(); ++w)
      for (uint64_t bits = words_[w]; bits != 0; bits &= bits - 1)
        visit(w * kBits + static_cast<size_t>(std::countr_zero(bits)));
  }

 private:
  void ClearTail();

  size_t docs_ = 0;
  std::vector<uint64_t> words_;
};

}  // namespace seshat::search_segment
