// The function that is fuzzed, on its seeds, on every beginning of each and with every byte of each changed: so
// it is compiled and kept right where there is no fuzzer.
#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

int Try(const std::string& text) {
  return LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(text.data()), text.size());
}

TEST(QueryFuzzTest, SeedsAndTheirNeighboursKeepThePromises) {
  std::ifstream seeds(SESHAT_SOURCE_DIR "/tests/fuzz/query_seeds.txt");
  ASSERT_TRUE(seeds);
  int count = 0;
  for (std::string seed; std::getline(seeds, seed); ++count) {
    for (size_t i = 0; i < seed.size(); ++i) {
      EXPECT_EQ(Try(seed.substr(0, i)), 0);
      auto changed = seed;
      changed[i] = static_cast<char>("\"\\()[]:~^*/ \xFF"[(i + seed.size()) % 13]);
      EXPECT_EQ(Try(changed), 0);
    }
    EXPECT_EQ(Try(seed), 0);
  }
  EXPECT_GE(count, 100);
}

}  // namespace
