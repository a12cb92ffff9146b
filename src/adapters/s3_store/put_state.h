// What a resumable put on S3 asks its caller to remember (docs/adr/: resumable puts on S3).
//
//   "s3 1 <upload id> <size> <part bytes> <begun> open"                         no Complete is on its way
//   "s3 1 <upload id> <size> <part bytes> <begun> completing <sha-256> <crc>"   a Complete may have been sent
//   "s3 1 <upload id> <size> <part bytes> <begun> done <sha-256> <crc>"         the object is ours, for good
//
// The upload id is percent-encoded; <begun> counts seconds since 1970; <crc> is the body's CRC64NVME in hexadecimal. Which parts are there is asked of the server
// (ListParts), so the text stays short and is saved a few times for each put, however large.
//
// How the outcome can be told without any right to read. Only its own put ends an upload: by Complete, or by an
// abort, and "completing" is saved before any Complete is sent and taken back ("open") before an abort is. So where
// the server does not know the upload any more:
//   - "open": no Complete was sent. Whatever lies under the key is somebody else's.
//   - "completing": the Complete took effect, unless another hand aborted the upload. The bucket's lifecycle rule
//     is such a hand, but it waits for at least a day (DaysAfterInitiation is 1 or more): within a day after
//     <begun> the object is ours for certain. Later the put is begun anew, which the create-only key makes safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/s3_store/part_plan.h"
#include "core/base/time.h"
#include "core/digest/sha256.h"

namespace seshat::s3_store {

struct PutState {
  enum class Stage { kOpen, kCompleting, kDone };

  std::string upload_id;
  PartPlan plan;
  std::chrono::sys_seconds begun{};
  Stage stage = Stage::kOpen;
  std::optional<Sha256> sha256;  // but for kOpen
  uint64_t crc = 0;              // likewise

  std::string Format() const;
  // Nothing for what this version did not write.
  static std::optional<PutState> Parse(std::string_view text);

  // Whether nobody but us can have ended the upload by `now`. An hour of the day is left to clocks that differ.
  bool NobodyElseEndedItBy(Timestamp now) const {
    return now >= begun - std::chrono::hours(1) && now < begun + std::chrono::hours(23);
  }
};

}  // namespace seshat::s3_store
