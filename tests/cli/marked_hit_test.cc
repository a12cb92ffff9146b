#include "cli/search/marked_hit.h"

#include <gtest/gtest.h>

#include <string>

namespace seshat::cli {
namespace {

TEST(MarksTest, TakeNoPlaceInATable) {
  TextTable table({"A", "B"});
  table.Add({"\x1b[1;31mab\x1b[0mc", "x"});
  table.Add({"abcd", "y"});
  EXPECT_EQ(table.ToString(), "A     B\n\x1b[1;31mab\x1b[0mc   x\nabcd  y\n");
}

}  // namespace
}  // namespace seshat::cli
