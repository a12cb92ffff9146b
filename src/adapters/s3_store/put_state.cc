#include "adapters/s3_store/put_state.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "core/base/text_parts.h"
#include "platform/aws/sigv4.h"

namespace seshat::s3_store {
namespace {

// The longest upload id seen is about 130 bytes; this bounds what a damaged journal can make us send.
constexpr size_t kMaxUploadId = 1024;

}  // namespace

std::string PutState::Format() const {
  const std::string head = fmt::format("s3 1 {} {} {} {}", aws::UriEncode(upload_id), plan.size, plan.part_bytes,
                                       begun.time_since_epoch().count());
  if (stage == Stage::kOpen || !sha256) return head + " open";
  return fmt::format("{} {} {} {:016x}", head, stage == Stage::kDone ? "done" : "completing", sha256->ToHex(), crc);
}

std::optional<PutState> PutState::Parse(std::string_view text) {
  if (text.size() > 4 * kMaxUploadId) return std::nullopt;
  const auto words = Split(text, ' ');
  if (words.size() < 7 || words[0] != "s3" || words[1] != "1" || words[2].empty()) return std::nullopt;
  PutState state{.upload_id = aws::UriDecode(words[2])};
  if (state.upload_id.size() > kMaxUploadId) return std::nullopt;
  const auto size = ParseInteger<uint64_t>(words[3]);
  const auto part_bytes = ParseInteger<uint64_t>(words[4]);
  const auto begun = ParseInteger<uint64_t>(words[5]);
  if (!size || !part_bytes || !begun || *begun > 1ULL << 40) return std::nullopt;
  state.plan = {.size = *size, .part_bytes = *part_bytes};
  if (!state.plan.valid()) return std::nullopt;
  state.begun = std::chrono::sys_seconds(std::chrono::seconds(*begun));
  // What can be read but would not be written so is not ours.
  if (words[6] == "open" && words.size() == 7)
    return state.Format() == text ? std::optional(std::move(state)) : std::nullopt;
  if ((words[6] != "completing" && words[6] != "done") || words.size() != 9) return std::nullopt;
  const auto digest = Sha256::FromHex(words[7]);
  const auto crc = ParseInteger<uint64_t>(words[8], 16);
  if (!digest || !crc) return std::nullopt;
  state.crc = *crc;
  state.stage = words[6] == "done" ? Stage::kDone : Stage::kCompleting;
  state.sha256 = *digest;
  return state.Format() == text ? std::optional(std::move(state)) : std::nullopt;
}

}  // namespace seshat::s3_store
