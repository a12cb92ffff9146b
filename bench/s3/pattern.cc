#include "s3/pattern.h"

#include <algorithm>
#include <cstring>

#include "core/base/bytes.h"
#include "core/digest/crc64nvme.h"

namespace seshat::bench {

const std::string& Pattern() {
  static const std::string block = [] {
    std::string bytes(kBlock, '\0');
    uint64_t state = 1;
    for (size_t i = 0; i < bytes.size(); i += 8) {
      state = state * 6364136223846793005U + 1442695040888963407U;
      std::memcpy(&bytes[i], &state, 8);
    }
    return bytes;
  }();
  return block;
}

std::string PatternChecksum(uint64_t bytes) {
  uint64_t crc = 0;
  for (uint64_t done = 0; done < bytes; done += kBlock)
    crc = digest::Crc64Nvme(AsBytes(Pattern()).first(std::min<uint64_t>(kBlock, bytes - done)), crc);
  return digest::Crc64NvmeBase64(crc);
}

}  // namespace seshat::bench
