#include "core/base/backoff.h"

#include <algorithm>
#include <cmath>

namespace seshat {

std::chrono::milliseconds Backoff::After(uint32_t failures, double unit) const {
  // pow() may answer infinity, which min() turns into the cap.
  const double most = std::min(static_cast<double>(cap.count()),
                               static_cast<double>(base.count()) * std::pow(factor, failures == 0 ? 0 : failures - 1));
  const auto share = static_cast<int64_t>(std::llround(most * unit));
  return std::chrono::milliseconds(std::max<int64_t>(1, share));
}

}  // namespace seshat
