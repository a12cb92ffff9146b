#include "adapters/logging/logging.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <limits>
#include <sstream>
#include <thread>

#include "core/base/secret.h"
#include "core/base/utf8.h"
#include "ports/span.h"
#include "support/fakes.h"
#include "support/temp_dir.h"

namespace seshat::logging {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Json(std::string_view message, std::vector<LogField> fields) {
  return FormatJsonLine(Timestamp{}, LogLevel::kInfo, message, fields);
}
std::string Human(std::string_view message, std::vector<LogField> fields, bool color = false) {
  return FormatHumanLine(Timestamp{}, LogLevel::kWarning, message, fields, color);
}

TEST(JsonLine, HoldsTimeLevelMessageAndFieldsInTheirOwnTypes) {
  const auto line =
      boost::json::parse(Json("stored", {{"session", "s-1"}, {"files", 3}, {"seconds", 0.5}, {"partial", false}}));
  EXPECT_EQ(line.at("time").as_string(), "1970-01-01T00:00:00Z");
  EXPECT_EQ(line.at("level").as_string(), "info");
  EXPECT_EQ(line.at("message").as_string(), "stored");
  EXPECT_EQ(line.at("session").as_string(), "s-1");
  EXPECT_EQ(line.at("files").as_int64(), 3);
  EXPECT_EQ(line.at("seconds").as_double(), 0.5);
  EXPECT_FALSE(line.at("partial").as_bool());
}

TEST(JsonLine, IsOneValidLineWhateverTheTextsAre) {
  const std::string hostile("a\"b\\c\nd\x01\x7f\xff\xc0\x80 \xe2\x80\xae}\r\0{", 20);
  const std::string line = Json(hostile, {{hostile, hostile}});
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_TRUE(IsValidUtf8(line));
  const auto parsed = boost::json::parse(line);
  EXPECT_EQ(std::string(parsed.at("message").as_string()), ReplaceInvalidUtf8(hostile));
}

TEST(JsonLine, NumbersThatJsonLacksBecomeNull) {
  const auto line = boost::json::parse(
      Json("x", {{"a", std::numeric_limits<double>::infinity()}, {"b", std::numeric_limits<double>::quiet_NaN()}}));
  EXPECT_TRUE(line.at("a").is_null());
  EXPECT_TRUE(line.at("b").is_null());
}

TEST(JsonLine, TheFirstOfTwoFieldsOfOneNameCounts) {
  const std::string line = Json("x", {{"path", "mine"}, {"path", "theirs"}, {"level", "forged"}});
  EXPECT_THAT(line, HasSubstr(R"("path":"mine")"));
  EXPECT_THAT(line, Not(HasSubstr("theirs")));
  EXPECT_THAT(line, Not(HasSubstr("forged")));
}

TEST(HumanLine, EscapesWhatCouldDriveATerminalOrForgeALine) {
  const std::string line = Human("name \x1b[2J\nerror   all is lost", {{"path", "a b\"\n\xff"}});
  EXPECT_EQ(line, "00:00:00 warning name \\x1b[2J\\x0aerror   all is lost  path=\"a b\\\"\\x0a\\xff\"");
}

TEST(HumanLine, HasColoursOnlyWhenAsked) {
  EXPECT_THAT(Human("x", {{"a", 1}}), Not(HasSubstr("\x1b")));
  EXPECT_THAT(Human("x", {{"a", 1}}, true), HasSubstr("\x1b[33mwarning"));
}

TEST(Secrets, HaveNoTextOfTheirOwn) {
  const Secret secret("hunter2-planted");
  std::ostringstream stream;
  stream << secret;
  EXPECT_EQ(stream.str(), "[redacted]");
  EXPECT_EQ(fmt::format("{}", format_as(secret)), "[redacted]");
  EXPECT_EQ(secret.Expose(), "hunter2-planted");
  Secret moved = secret;
  const Secret other = std::move(moved);
  EXPECT_EQ(other.Expose(), "hunter2-planted");
}

TEST(Secrets, PlantedInFieldsAndUrlsNeverReachALine) {
  const std::vector<LogField> fields{{"password", "planted"},
                                     {"aws_session_token", "planted"},
                                     {"url", "https://user:planted@host/x and ftp://planted@h y"},
                                     {"secret_number", 42}};
  for (const std::string& line :
       {Json("see https://me:planted@host:80/", fields), Human("see https://me:planted@host:80/", fields)}) {
    EXPECT_THAT(line, Not(HasSubstr("planted")));
    EXPECT_THAT(line, Not(HasSubstr("42")));
    EXPECT_THAT(line, HasSubstr("[redacted]@host"));
  }
}

TEST(Secrets, AnAtSignInAPathIsNoCredential) {
  EXPECT_THAT(Json("x", {{"url", "file:///srv/me@home/a"}}), HasSubstr("file:///srv/me@home/a"));
  EXPECT_THAT(Json("x", {{"url", "see https://h/x mail me@home"}}), HasSubstr("https://h/x mail me@home"));
}

TEST(Logger, WritesWholeJsonLinesFromManyThreadsWhereTheFileIsNoTerminal) {
  const testing::TempDir directory;
  const testing::FakeClock clock;
  FILE* file = std::fopen((directory / "log").c_str(), "w");
  ASSERT_NE(file, nullptr);
  {
    const auto logger = MakeLogger({.level = LogLevel::kInfo, .file = file}, clock);
    EXPECT_FALSE(logger->Enabled(LogLevel::kDebug));
    logger->Debug("not this");
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&logger, t] {
        FieldLogger session(*logger, {{"traceparent", "00-ab-cd-01"}});
        for (int i = 0; i < 200; ++i) session.Info("line", {{"thread", t}, {"i", i}});
      });
    }
  }
  std::fclose(file);
  std::istringstream lines(testing::ReadFile(directory / "log"));
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count)
    EXPECT_EQ(boost::json::parse(line).at("traceparent").as_string(), "00-ab-cd-01");
  EXPECT_EQ(count, 800);
}

TEST(Logger, ALineOfASpanNamesIt) {
  constexpr std::string_view kTraceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  testing::MemoryLogger logger;
  logger.Info("stored", Span::OfTraceparent(kTraceparent), {{"session", "s-1"}});
  logger.Warning("none", Span(), {{"session", "s-1"}});
  EXPECT_THAT(logger.lines(), ::testing::ElementsAre("info stored session=s-1 traceparent=" + std::string(kTraceparent),
                                                     "warning none session=s-1"));
}

TEST(Level, ParsesWhatItPrints) {
  for (const LogLevel level :
       {LogLevel::kTrace, LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning, LogLevel::kError})
    EXPECT_EQ(ParseLogLevel(LogLevelName(level)), level);
  EXPECT_EQ(ParseLogLevel("loud").error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace seshat::logging
