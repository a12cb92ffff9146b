#include "adapters/sqlite_metadata_store/sid_set.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace seshat::sqlite_index {

SidSet SidSet::Of(std::vector<int64_t> sids) {
  if (!std::ranges::is_sorted(sids)) std::ranges::sort(sids);
  const auto repeats = std::ranges::unique(sids);
  sids.erase(repeats.begin(), repeats.end());
  SidSet set;
  set.sids_ = std::move(sids);
  return set;
}

SidSet SidSet::All() { return SidSet().Negated(); }

bool SidSet::Has(int64_t sid) const { return std::ranges::binary_search(sids_, sid) != complement_; }

SidSet SidSet::Negated() && {
  complement_ = !complement_;
  return std::move(*this);
}

SidSet And(SidSet a, SidSet b) {
  if (a.complement_) std::swap(a, b);
  SidSet out;
  auto into = std::back_inserter(out.sids_);
  if (a.complement_) {
    std::ranges::set_union(a.sids_, b.sids_, into);
    out.complement_ = true;
  } else if (b.complement_) {
    std::ranges::set_difference(a.sids_, b.sids_, into);
  } else {
    std::ranges::set_intersection(a.sids_, b.sids_, into);
  }
  return out;
}

}  // namespace seshat::sqlite_index
