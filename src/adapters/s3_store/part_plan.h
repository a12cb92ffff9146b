// How a body is cut into the parts of a multipart upload.
//
// S3's limits ("Amazon S3 multipart upload limits", User Guide): part numbers 1–10,000, parts of 5 MiB–5 GiB but for
// the last, which may be smaller; so an object has at most 48.8 TiB.
#pragma once

#include <cstdint>

#include "core/base/error.h"

namespace seshat::s3_store {

inline constexpr uint64_t kMinPartBytes = 5ULL << 20;
inline constexpr uint64_t kMaxPartBytes = 5ULL << 30;
inline constexpr uint32_t kMaxParts = 10'000;
inline constexpr uint64_t kMaxObjectBytes = kMaxParts * kMaxPartBytes;

struct PartPlan {
  uint64_t size = 0;
  uint64_t part_bytes = kMinPartBytes;

  // An empty body is one empty part.
  uint32_t count() const { return size == 0 ? 1 : static_cast<uint32_t>((size + part_bytes - 1) / part_bytes); }
  // `index` counts from 0; the part's number is one more.
  uint64_t offset(uint32_t index) const { return index * part_bytes; }
  uint64_t length(uint32_t index) const { return index + 1 < count() ? part_bytes : size - offset(count() - 1); }
  // Whether a plan from outside (a saved state) keeps to S3's limits.
  bool valid() const;
};

// Parts of `preferred` bytes, larger where the body would need more than 10,000 of them. kInvalidArgument for a body
// above kMaxObjectBytes.
Result<PartPlan> PlanParts(uint64_t size, uint64_t preferred);

}  // namespace seshat::s3_store
