#include "adapters/s3_store/part_plan.h"

#include <fmt/format.h>

#include <algorithm>

namespace seshat::s3_store {
namespace {

constexpr uint64_t kMiB = 1ULL << 20;

}  // namespace

bool PartPlan::valid() const {
  if (part_bytes < kMinPartBytes || part_bytes > kMaxPartBytes || size > kMaxObjectBytes) return false;
  return (size + part_bytes - 1) / part_bytes <= kMaxParts;
}

Result<PartPlan> PlanParts(uint64_t size, uint64_t preferred) {
  if (size > kMaxObjectBytes)
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("{} bytes are too many for one object: S3 holds 48.8 TiB", size));
  const uint64_t least = (size + kMaxParts - 1) / kMaxParts;
  const uint64_t whole = (least + kMiB - 1) / kMiB * kMiB;  // 5 GiB is a whole number of MiB
  return PartPlan{.size = size, .part_bytes = std::max(whole, std::clamp(preferred, kMinPartBytes, kMaxPartBytes))};
}

}  // namespace seshat::s3_store
