// The bytes of every object that emulated_s3 serves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace seshat::bench {

constexpr size_t kBlock = 1 << 20;

// One block; an object is this, again and again.
const std::string& Pattern();

// x-amz-checksum-crc64nvme of an object of that size.
std::string PatternChecksum(uint64_t bytes);

}  // namespace seshat::bench
