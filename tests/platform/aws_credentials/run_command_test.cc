#include "platform/aws_credentials/run_command.h"

#include <gtest/gtest.h>

#include "support/temp_dir.h"

namespace seshat::aws {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

Result<CommandResult> Launch(std::vector<std::string> arguments,
                             std::vector<std::string> environment = {"PATH=/usr/bin:/bin"},
                             milliseconds timeout = minutes(1), std::stop_token stop = {}) {
  return RunCommand({std::move(arguments), timeout}, environment, std::move(stop));
}

TEST(SplitCommandLine, FollowsTheShellsRulesForWordsOnly) {
  using Words = std::vector<std::string>;
  const std::vector<std::pair<std::string, Words>> cases{
      {"a b\tc", {"a", "b", "c"}},
      {"  /opt/x --role 'a b'  ", {"/opt/x", "--role", "a b"}},
      {R"("a \"b\" \n" c\ d '')", {R"(a "b" \n)", "c d", ""}},
      {R"('a\b'"c")", {R"(a\bc)"}},
      {"a; rm -rf $HOME `x` $(y) > z | *", {"a;", "rm", "-rf", "$HOME", "`x`", "$(y)", ">", "z", "|", "*"}},
  };
  for (const auto& [line, words] : cases) EXPECT_EQ(SplitCommandLine(line).value_or(Words{}), words) << line;
  for (const char* line : {"", "  ", "a 'b", "a \"b"}) {
    const auto words = SplitCommandLine(line);
    ASSERT_FALSE(words.has_value()) << line;
    EXPECT_EQ(words.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(RunCommand, GivesOutputAndStatusOfAProgramFromThePath) {
  const auto ran = Launch({"sh", "-c", "printf '%s|%s' \"$1\" \"$LAB\"; echo hidden >&2; exit 3", "-", "a b;c"},
                          {"PATH=/nowhere:/bin:/usr/bin", "LAB=7"});
  ASSERT_TRUE(ran.has_value()) << ran.error().ToString();
  EXPECT_EQ(ran->exit_status, 3);
  EXPECT_EQ(ran->output.Expose(), "a b;c|7");
}

TEST(RunCommand, AProgramThatIsNotThere) {
  const auto ran = Launch({"no-such-program-anywhere"});
  ASSERT_FALSE(ran.has_value());
  EXPECT_EQ(ran.error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(Launch({"/no/such/program"}).has_value());
}

TEST(RunCommand, ARelativeDirectoryInThePathIsPassedOver) {
  EXPECT_FALSE(Launch({"sh", "-c", "true"}, {"PATH=.:bin"}).has_value());
}

TEST(RunCommand, MoreOutputThanAPipeHolds) {
  const auto ran = Launch({"sh", "-c", "head -c 500000 /dev/zero | tr '\\0' x"});
  ASSERT_TRUE(ran.has_value()) << ran.error().ToString();
  EXPECT_EQ(ran->output.Expose().size(), 500'000U);
  const auto too_much = Launch({"cat", "/dev/zero"});
  ASSERT_FALSE(too_much.has_value());
  EXPECT_EQ(too_much.error().code, ErrorCode::kInvalidArgument);
}

TEST(RunCommand, EndsWithItsTimeAndWithItsStopToken) {
  const auto late = Launch({"sleep", "1000"}, {"PATH=/usr/bin:/bin"}, milliseconds(50));
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().code, ErrorCode::kDeadlineExceeded);
  std::stop_source stop;
  stop.request_stop();
  const auto stopped = Launch({"sleep", "1000"}, {"PATH=/usr/bin:/bin"}, minutes(2), stop.get_token());
  ASSERT_FALSE(stopped.has_value());
  EXPECT_EQ(stopped.error().code, ErrorCode::kCancelled);
}

// The background process holds the pipe open; nobody waits for it.
TEST(RunCommand, WhatTheProgramLeavesRunningIsEnded) {
  const auto ran = Launch({"sh", "-c", "sleep 1000 & echo out"});
  ASSERT_TRUE(ran.has_value()) << ran.error().ToString();
  EXPECT_EQ(ran->output.Expose(), "out\n");
}

}  // namespace
}  // namespace seshat::aws
