#include "composition/config/units.h"

#include <gtest/gtest.h>

#include "core/base/nearest_name.h"

namespace seshat::composition {
namespace {

using std::chrono::milliseconds;

TEST(Duration, ReadsWhatPeopleWrite) {
  const std::pair<const char*, int64_t> cases[]{
      {"250ms", 250},      {"30s", 30'000},       {"1.5s", 1500}, {"5m", 300'000},    {"1h30m", 5'400'000},
      {"7d", 604'800'000}, {"2w", 1'209'600'000}, {"0s", 0},      {"1m1s1ms", 61'001}};
  for (const auto& [text, ms] : cases) EXPECT_EQ(ParseDuration(text), milliseconds(ms)) << text;
}

TEST(Duration, RefusesEverythingElse) {
  for (const char* text :
       {"", "30", "s", "-5s", "+5s", "5 s", "5sec", "1e3s", "nan", "inf", "5s ", " 5s", "101w1000000d", "0x10s"})
    EXPECT_EQ(ParseDuration(text).error().code, ErrorCode::kInvalidArgument) << text;
}

TEST(Duration, FormatsWhatItReads) {
  for (const char* text : {"0s", "250ms", "30s", "1h30m", "7d", "1d2h3m4s5ms"})
    EXPECT_EQ(FormatDuration(ParseDuration(text).value()), text);
}

TEST(Size, ReadsBothKindsOfPrefixes) {
  const std::pair<const char*, uint64_t> cases[]{{"0B", 0},
                                                 {"1B", 1},
                                                 {"1kB", 1000},
                                                 {"1KiB", 1024},
                                                 {"8MiB", 8 << 20},
                                                 {"2GB", 2'000'000'000},
                                                 {"1.5GiB", 3ULL << 29},
                                                 {"1TiB", 1ULL << 40},
                                                 {"8 MiB", 8 << 20}};
  for (const auto& [text, bytes] : cases) EXPECT_EQ(ParseSize(text), bytes) << text;
  for (const char* text : {"", "8", "8M", "8mb", "-1B", "9000000000TiB", "1B1B", "MiB"})
    EXPECT_EQ(ParseSize(text).error().code, ErrorCode::kInvalidArgument) << text;
}

TEST(Size, FormatsExactly) {
  for (const uint64_t bytes :
       {0ULL, 1ULL, 999ULL, 1000ULL, 1024ULL, 1500ULL, 1ULL << 20, 3'000'000ULL, (1ULL << 40) + 1})
    EXPECT_EQ(ParseSize(FormatSize(bytes)), bytes);
}

TEST(Bandwidth, IsASizeASecondOrUnlimited) {
  EXPECT_EQ(ParseBandwidth("20MB/s"), 20'000'000U);
  EXPECT_EQ(ParseBandwidth("unlimited"), 0U);
  EXPECT_EQ(FormatBandwidth(20'000'000), "20MB/s");
  EXPECT_EQ(FormatBandwidth(0), "unlimited");
  for (const char* text : {"20MB", "0B/s", "fast", "/s", ""})
    EXPECT_EQ(ParseBandwidth(text).error().code, ErrorCode::kInvalidArgument) << text;
}

TEST(Human, IsShort) {
  EXPECT_EQ(HumanSize(812), "812 B");
  EXPECT_EQ(HumanSize(1536), "1.5 KiB");
  EXPECT_EQ(HumanSize(20ULL << 30), "20 GiB");
  EXPECT_EQ(HumanDuration(milliseconds(12)), "12 ms");
  EXPECT_EQ(HumanDuration(milliseconds(3200)), "3.2 s");
  EXPECT_EQ(HumanDuration(std::chrono::seconds(250)), "4 min 10 s");
  EXPECT_EQ(HumanDuration(std::chrono::minutes(125)), "2 h 5 min");
  EXPECT_EQ(HumanDuration(std::chrono::hours(72)), "3 days");
}

TEST(Suggest, FindsTheNearestAndNothingFarAway) {
  const std::vector<std::string> words{"status", "search", "simulate", "up", "index"};
  EXPECT_EQ(Nearest("statsu", words), "status");
  EXPECT_EQ(Nearest("SERCH", words), "search");
  EXPECT_EQ(Nearest("idnex", words), "index");
  EXPECT_EQ(Nearest("upp", words), "up");
  EXPECT_EQ(Nearest("frobnicate", words), "");
  EXPECT_EQ(Nearest("", words), "");
  EXPECT_EQ(DidYouMean("statsu", words), "; did you mean 'status'?");
  EXPECT_EQ(DidYouMean("xyzzy", words), "");
  EXPECT_EQ(Nearest(std::string(1'000'000, 'x'), words), "");
}

}  // namespace
}  // namespace seshat::composition
