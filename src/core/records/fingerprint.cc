#include "core/records/fingerprint.h"

#include <fmt/format.h>

#include <array>
#include <cstring>

#include "core/base/hex.h"

namespace seshat::records {
namespace {

__extension__ using Wide = unsigned __int128;

// Odd constants with well spread bits (the fractions of the square roots of the first primes).
constexpr uint64_t kLowStep = 0x6A09E667F3BCC909;
constexpr uint64_t kHighStep = 0xBB67AE8584CAA73B;
constexpr uint64_t kLowStart = 0x3C6EF372FE94F82B;
constexpr uint64_t kHighStart = 0xA54FF53A5F1D36F1;

uint64_t Fold(uint64_t a, uint64_t b) {
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

// Two lanes over the same words. The word goes into both factors, so that no single word can zero a lane for
// good.
struct Lanes {
  uint64_t low = kLowStart;
  uint64_t high = kHighStart;

  void Mix(uint64_t word) {
    low = Fold(low ^ word, kLowStep ^ (word >> 32)) + kHighStart;
    high = Fold(high + word, kHighStep ^ (word << 32)) + low;
  }
};

}  // namespace

void Fingerprint::Add(std::string_view path, uint32_t kind, const FileStat& stat) {
  Lanes lanes;
  lanes.Mix(path.size());
  while (path.size() >= 8) {
    uint64_t word = 0;
    std::memcpy(&word, path.data(), 8);
    lanes.Mix(word);
    path.remove_prefix(8);
  }
  if (!path.empty()) {
    uint64_t word = 0;
    std::memcpy(&word, path.data(), path.size());
    lanes.Mix(word);
  }
  lanes.Mix(stat.size);
  lanes.Mix(static_cast<uint64_t>(stat.modified_ns));
  lanes.Mix(static_cast<uint64_t>(stat.changed_ns));
  lanes.Mix(stat.inode);
  lanes.Mix(uint64_t{kind} << 32 | stat.mode);
  // Sums do not depend on the order, and unlike XOR two equal entries do not cancel.
  low_ += Fold(lanes.low, kHighStep);
  high_ += Fold(lanes.high, kLowStep);
}

std::string Fingerprint::ToHex() const { return fmt::format("{:016x}{:016x}", high_, low_); }

Result<Fingerprint> Fingerprint::FromHex(std::string_view text) {
  std::array<std::byte, 16> bytes{};
  if (!HexDecode(text, bytes)) return Fail(ErrorCode::kInvalidArgument, "not a fingerprint");
  Fingerprint out;
  for (size_t i = 0; i < 8; ++i) {
    out.high_ = out.high_ << 8 | std::to_integer<uint64_t>(bytes[i]);
    out.low_ = out.low_ << 8 | std::to_integer<uint64_t>(bytes[i + 8]);
  }
  return out;
}

}  // namespace seshat::records
