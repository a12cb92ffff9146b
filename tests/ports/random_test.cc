#include "ports/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "support/fakes.h"

namespace seshat {
namespace {

// Every byte the same.
class Constant : public Random {
 public:
  explicit Constant(std::byte byte) : byte_(byte) {}
  void Fill(MutableByteSpan out) override { std::ranges::fill(out, byte_); }

 private:
  std::byte byte_;
};

TEST(RandomId, Is32HexadecimalDigits) {
  testing::SeededRandom random;
  std::set<std::string> ids;
  for (int i = 0; i < 100; ++i) {
    const auto id = RandomId(random);
    EXPECT_EQ(id.size(), 32U);
    EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos) << id;
    ids.insert(id);
  }
  EXPECT_EQ(ids.size(), 100U);
}

TEST(RandomUnit, LiesFromZeroToBelowOne) {
  Constant zeros(std::byte{0});
  Constant ones(std::byte{0xFF});
  EXPECT_EQ(RandomUnit(zeros), 0);
  EXPECT_LT(RandomUnit(ones), 1);
  EXPECT_GT(RandomUnit(ones), 0.999'999);
  testing::SeededRandom random;
  double sum = 0;
  for (int i = 0; i < 10'000; ++i) sum += RandomUnit(random);
  EXPECT_NEAR(sum / 10'000, 0.5, 0.02);
}

TEST(Traces, AChildHasItsParentsTraceAndASpanOfItsOwn) {
  testing::SeededRandom random;
  const auto parent = NewTrace(random).ToString();
  const auto child = ChildSpan(random, TraceContext::Parse(parent).value()).ToString();
  EXPECT_EQ(parent.substr(0, 35), child.substr(0, 35));
  EXPECT_NE(parent.substr(36, 16), child.substr(36, 16));
  EXPECT_NE(NewTrace(random).ToString().substr(3, 32), parent.substr(3, 32));
}

}  // namespace
}  // namespace seshat
