// Whatever the bytes are, there are statistics.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <random>

#include "samples.h"

namespace seshat::testing {
namespace {

// Changes some bytes, and may cut the end off.
std::string Mutate(std::string bytes, std::mt19937_64& random) {
  const size_t changes = 1 + random() % 8;
  // Headers are at the beginning: half of the changes go there.
  for (size_t i = 0; i < changes && !bytes.empty(); ++i) {
    const size_t within = random() % 2 == 0 ? std::min<size_t>(bytes.size(), 800) : bytes.size();
    bytes[random() % within] = random() % 3 == 0 ? '9' : static_cast<char>(random());
  }
  if (random() % 4 == 0) bytes.resize(random() % (bytes.size() + 1));
  return bytes;
}

void ExpectStatistics(const std::string& bytes, const std::string& name,
                      const std::vector<std::pair<std::string, std::string>>& siblings = {}) {
  const auto result = StatisticsOf(bytes, name, siblings);
  EXPECT_EQ(result.bytes, bytes.size());
  EXPECT_FALSE(result.analysis.format.empty());
  EXPECT_TRUE(result.analysis.format != "unknown" || !result.analysis.note.empty());
  for (const auto& channel : result.analysis.channels) {
    EXPECT_LE(channel.minimum, channel.maximum);
    EXPECT_TRUE(channel.count == 0 || std::isfinite(channel.minimum));
  }
  EXPECT_FALSE(ToCsv(result).empty());
}

RC_GTEST_PROP(StatisticsOfAnything, RandomBytes, (const std::vector<uint8_t>& bytes, uint8_t which)) {
  const std::string beginnings[] = {"", "ULog\x01\x12\x35", "0       ", "a,b\n1,2\n"};
  std::string text = beginnings[which % 4];
  text.append(bytes.begin(), bytes.end());
  ExpectStatistics(text, "x.dat");
  ExpectStatistics(std::string(bytes.begin(), bytes.end()), "record.dat", {{"record.hea", SampleWfdbHeader()}});
}

TEST(StatisticsOfAnything, MutatedSamples) {
  std::mt19937_64 random(42);
  const std::string samples[] = {SampleEdf({{1, 2, 3, 4}, {5, 6, 7, 8}}), SampleUlog({1, 2, 3}),
                                 "a,b,\"c\"\n1,2,3\n4,5,6\n", SampleWfdb({1, 2, 3, 4})};
  for (int round = 0; round < 300; ++round) {
    for (const std::string& sample : samples) ExpectStatistics(Mutate(sample, random), "record.dat");
    ExpectStatistics(samples[3], "record.dat", {{"record.hea", Mutate(SampleWfdbHeader(), random)}});
  }
}

TEST(StatisticsOfAnything, MutatedRecordings) {
  std::mt19937_64 random(43);
  int found = 0;
  for (const char* name : {"edf-generator-2011-04-04/test_generator.edf", "px4-sitl-2024-03-18/sample_px4_events.ulg",
                           "px4-cubeorange-2021-04-21/sample_log_small.ulg"}) {
    const auto file = RealRecording(name);
    if (!file) continue;
    ++found;
    const std::string bytes = ReadFile(*file).substr(0, 300'000);
    for (int round = 0; round < 10; ++round) ExpectStatistics(Mutate(bytes, random), "x");
  }
  if (found == 0) GTEST_SKIP() << "no real recordings here: set SESHAT_SHARED";
}

TEST(StatisticsOfAnything, FormatsThatUnfoldWithoutEndAreCutShort) {
  std::string log("ULog\x01\x12\x35\x01", 8);
  log += Little(0, 8);
  const auto message = [&](char type, const std::string& payload) {
    log += Little(payload.size(), 2) + type + payload;
  };
  message('F', "a:a x;");
  for (char c = 'b'; c < 'i'; ++c)
    message('F', std::string(1, c) + ":" + std::string(1, static_cast<char>(c + 1)) + "[60000] x;");
  message('F', "i:");
  for (uint64_t id = 0; id < 100; ++id) message('A', Little(0, 1) + Little(id, 2) + (id % 2 == 0 ? "a" : "b"));
  const auto result = StatisticsOf(log, "deep.ulg");
  EXPECT_EQ(result.analysis.format, "ulog");
  EXPECT_TRUE(result.analysis.channels.empty());
}

}  // namespace
}  // namespace seshat::testing
