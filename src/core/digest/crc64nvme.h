// CRC-64/NVME: S3's default checksum, and the only one it always computes over the whole object.
// Parameters as in the NVM Express command set specification 1.0, section 5.2.1.3.4: polynomial AD93D23594C93659,
// reflected, start and final XOR all ones; "123456789" gives AE8B14860A799888.
//
// The fastest engine that the processor has is chosen once: carry-less multiplication of 4 × 512 or 8 × 128 bits at a
// time, or a table. All give the same answer.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/bytes.h"

namespace seshat::digest {

// Incremental: Crc64Nvme(b, Crc64Nvme(a)) is the checksum of a followed by b.
uint64_t Crc64Nvme(ByteSpan data, uint64_t before = 0);

// The checksum of a followed by b from those of both, in O(log length): parts are summed side by side.
uint64_t CombineCrc64Nvme(uint64_t of_a, uint64_t of_b, uint64_t length_of_b);

// S3's spelling: the eight bytes, most significant first, in base64.
std::string Crc64NvmeBase64(uint64_t crc);
// Nothing for what Crc64NvmeBase64 does not write.
std::optional<uint64_t> ParseCrc64Nvme(std::string_view base64);

// For tests and benchmarks: every engine that this machine can run, the best one last.
struct Crc64Engine {
  const char* name;
  uint64_t (*update)(uint64_t state, ByteSpan data);  // state before the final XOR
};
std::span<const Crc64Engine> Crc64Engines();

}  // namespace seshat::digest

namespace seshat {
using digest::Crc64Engine;
}  // namespace seshat
