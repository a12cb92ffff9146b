#include "core/base/text_parts.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace seshat {
namespace {

using Parts = std::vector<std::string_view>;

TEST(SplitTest, GivesWhatStandsBetweenTheSeparators) {
  EXPECT_EQ(Split("a,b,,c", ','), (Parts{"a", "b", "", "c"}));
  EXPECT_EQ(Split(",", ','), (Parts{"", ""}));
  EXPECT_EQ(Split("a b", ','), (Parts{"a b"}));
  EXPECT_EQ(Split("", ','), (Parts{""}));
}

TEST(ParseIntegerTest, TakesAWholeNumberOnly) {
  EXPECT_EQ(ParseInteger<int>("-12"), -12);
  EXPECT_EQ(ParseInteger<uint64_t>("18446744073709551615"), std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(ParseInteger<uint64_t>("ff", 16), 255U);
  for (const auto* text : {"", " 1", "1 ", "1.", "+1", "0x1", "one", "18446744073709551616"})
    EXPECT_EQ(ParseInteger<uint64_t>(text), std::nullopt) << text;
  EXPECT_EQ(ParseInteger<uint32_t>("-1"), std::nullopt);
  EXPECT_EQ(ParseInteger<uint8_t>("256"), std::nullopt);
}

}  // namespace
}  // namespace seshat
