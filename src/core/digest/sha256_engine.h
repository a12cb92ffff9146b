// The compression function of SHA-256 for several messages at a time: what core/digest/sha256.h is made of, for its tests and
// benchmarks.
//
// One message can use at most half of what SHA-NI gives: each of its rounds waits for the one before
// (sha256rnds2 starts every 2 cycles and takes 4, on Zen 5), so further messages run in the gaps.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace seshat::digest {

using Sha256Words = std::array<uint32_t, 8>;  // a to h

inline constexpr size_t kSha256BlockBytes = 64;
// Four fill the gaps: 1.8 times the throughput of one, three 1.75 times, two 1.45 times.
inline constexpr size_t kSha256MostLanes = 4;

struct Sha256Lane {
  Sha256Words* words = nullptr;
  const std::byte* data = nullptr;
};

struct Sha256Engine {
  const char* name;
  // Takes `blocks` whole blocks from the data of each of 1 to kSha256MostLanes lanes into its words. No two lanes share
  // words; they may share data, and two that do run at 1.6 times the throughput of one.
  void (*advance)(std::span<const Sha256Lane> lanes, size_t blocks);
};

// FIPS 180-4, section 5.3.3.
extern const Sha256Words kSha256Start;

// Every engine that this machine can run, the best one last. Thread-safe.
std::span<const Sha256Engine> Sha256Engines();

}  // namespace seshat::digest

namespace seshat {
using digest::Sha256Engine;
using digest::Sha256Lane;
using digest::Sha256Words;
}  // namespace seshat
