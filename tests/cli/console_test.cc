#include "cli/output/console.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/temp_dir.h"

namespace seshat::cli {
namespace {

using ::testing::HasSubstr;

class ConsoleTest : public ::testing::Test {
 protected:
  ConsoleTest()
      : out_(std::fopen((directory_ / "out").c_str(), "w")), err_(std::fopen((directory_ / "err").c_str(), "w")) {}
  ~ConsoleTest() override {
    std::fclose(out_);
    std::fclose(err_);
  }
  std::string Out() {
    std::fflush(out_);
    return testing::ReadFile(directory_ / "out");
  }
  std::string Err() {
    std::fflush(err_);
    return testing::ReadFile(directory_ / "err");
  }

  testing::TempDir directory_;
  FILE* out_;
  FILE* err_;
};

TEST_F(ConsoleTest, DataAndMessagesGoDifferentWays) {
  Console console({.out = out_, .err = err_});
  console.PrintLine("data");
  console.Note("note");
  console.Warn("careful");
  console.PrintError("broken");
  EXPECT_EQ(Out(), "data\n");
  EXPECT_EQ(Err(), "note\nwarning: careful\nerror: broken\n");
  EXPECT_EQ(console.Bold("x"), "x");
}

TEST_F(ConsoleTest, QuietLeavesOutNotesOnly) {
  Console console({.out = out_, .err = err_, .quiet = true});
  console.Note("note");
  console.PrintError("broken");
  EXPECT_EQ(Err(), "error: broken\n");
}

TEST_F(ConsoleTest, AFullDiskIsAnError) {
  FILE* full = std::fopen("/dev/full", "w");
  ASSERT_NE(full, nullptr);
  Console console({.out = full, .err = err_});
  console.PrintLine("data");
  EXPECT_EQ(console.Flush().error().code, ErrorCode::kResourceExhausted);
  std::fclose(full);
}

TEST_F(ConsoleTest, ProgressTellsRateAndTimeLeft) {
  Console console({.out = out_, .err = err_});
  const auto begin = std::chrono::steady_clock::now();
  Progress progress(console, "files", 10, 100 << 20);
  progress.Advance(4, 25 << 20);
  const std::string line = progress.Line(begin + std::chrono::seconds(5));
  EXPECT_THAT(line, HasSubstr("4 of 10 files, 25 MiB of 100 MiB, "));
  EXPECT_THAT(line, HasSubstr("/s, "));
  EXPECT_THAT(line, HasSubstr(" left"));
  EXPECT_EQ(Err(), "");  // no terminal, and not a minute yet
}

TEST(TextTable, AlignsByWhatIsSeen) {
  TextTable table({"NAME", "N"});
  table.Add({"é", "7"});
  table.Add({"longer", "1000"});
  EXPECT_EQ(table.ToString({1}), "NAME       N\né          7\nlonger  1000\n");
  EXPECT_EQ(table.size(), 2U);
}

}  // namespace
}  // namespace seshat::cli
