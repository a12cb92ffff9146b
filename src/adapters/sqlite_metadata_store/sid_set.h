// Sets of session numbers (session.sid) with the operations of a query. The complement is kept as a mark, so
// that NOT costs nothing and a set is as large as what was found, not as what was not. A later, larger index
// may put compressed bitmaps here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace seshat::sqlite_index {

class SidSet {
 public:
  SidSet() = default;
  static SidSet Of(std::vector<int64_t> sids);  // in any order, repeats allowed
  static SidSet All();

  bool Has(int64_t sid) const;
  // Members, where there are `sessions` in all.
  size_t Count(size_t sessions) const { return complement_ ? sessions - sids_.size() : sids_.size(); }
  bool is_complement() const { return complement_; }
  // The members, or for a complement those that are not.
  const std::vector<int64_t>& listed() const { return sids_; }

  SidSet Negated() &&;
  friend SidSet And(SidSet a, SidSet b);
  friend SidSet Or(SidSet a, SidSet b) {
    return And(std::move(a).Negated(), std::move(b).Negated()).Negated();
  }

 private:
  std::vector<int64_t> sids_;  // ascending, once each
  bool complement_ = false;
};

SidSet And(SidSet a, SidSet b);

}  // namespace seshat::sqlite_index
