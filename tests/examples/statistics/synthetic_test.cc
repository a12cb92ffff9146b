#include <gtest/gtest.h>

#include <algorithm>

#include "samples.h"

namespace seshat::testing {
namespace {

void ExpectChannel(const statistics::Channel* channel, uint64_t count, double minimum, double maximum, double mean) {
  ASSERT_NE(channel, nullptr);
  EXPECT_EQ(channel->count, count) << channel->name;
  EXPECT_DOUBLE_EQ(channel->minimum, minimum) << channel->name;
  EXPECT_DOUBLE_EQ(channel->maximum, maximum) << channel->name;
  EXPECT_DOUBLE_EQ(channel->mean(), mean) << channel->name;
}

TEST(Statistics, EntropyOfKnownBytes) {
  EXPECT_EQ(StatisticsOf("", "empty").entropy, 0);
  EXPECT_EQ(StatisticsOf("aaaa", "one").entropy, 0);
  EXPECT_DOUBLE_EQ(StatisticsOf("abababab", "two").entropy, 1);
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  EXPECT_DOUBLE_EQ(StatisticsOf(all, "all").entropy, 8);
  EXPECT_EQ(StatisticsOf(all, "all").bytes, 256U);
}

TEST(Statistics, CsvWithAndWithoutNames) {
  const auto named = StatisticsOf("time,\"speed, m/s\",label\n0,1.5,a\n1,-2.5,b\n2,,c\n", "drive.csv");
  EXPECT_EQ(named.analysis.format, "csv");
  ExpectChannel(Find(named, "time"), 3, 0, 2, 1);
  ExpectChannel(Find(named, "speed, m/s"), 2, -2.5, 1.5, -0.5);
  ExpectChannel(Find(named, "label"), 0, 0, 0, 0);
  const auto plain = StatisticsOf("1;10\r\n3;30", "plain.txt");
  EXPECT_EQ(plain.analysis.format, "unknown") << "one whole line is not enough to go by";
  const auto semicolons = StatisticsOf("1;10\r\n3;30\r\n", "plain.txt");
  ExpectChannel(Find(semicolons, "column 2"), 2, 10, 30, 20);
}

TEST(Statistics, ProseIsNoTable) {
  EXPECT_EQ(StatisticsOf("Dear all,\nplease, note: 1, 2\n", "letter.txt").analysis.format, "unknown");
  EXPECT_EQ(StatisticsOf(std::string("1,2\0\n3,4\n", 9), "binary").analysis.format, "unknown");
}

TEST(Statistics, EdfIsCalibratedAndLeavesAnnotationsOut) {
  const auto edf = StatisticsOf(SampleEdf({{0, 1000, -1000, 500}, {0, 0, 0, 500}}), "night.edf");
  EXPECT_EQ(edf.analysis.format, "edf+");
  EXPECT_EQ(edf.analysis.note, "");
  ASSERT_EQ(edf.analysis.channels.size(), 1U);
  ExpectChannel(Find(edf, "sine"), 8, -1, 1, 0.125);
  EXPECT_EQ(Find(edf, "sine")->unit, "mV");
}

TEST(Statistics, CutOffEdfCountsWhatIsThere) {
  std::string bytes = SampleEdf({{1000, 1000, 1000, 1000}, {0, 0, 0, 0}});
  bytes.resize(bytes.size() - 8);
  const auto edf = StatisticsOf(bytes, "night.edf");
  EXPECT_EQ(edf.analysis.note, "the file ends before its last record");
  EXPECT_EQ(Find(edf, "sine")->count, 6U);
}

TEST(Statistics, UlogUnfoldsNestedTopics) {
  const auto log = StatisticsOf(SampleUlog({1.0F, 2.0F, 6.0F}), "flight.ulg");
  EXPECT_EQ(log.analysis.format, "ulog");
  ExpectChannel(Find(log, "pose.1/position.x"), 3, 1, 6, 3);
  ExpectChannel(Find(log, "pose.1/position.z"), 3, -6, -1, -3);
  ExpectChannel(Find(log, "pose.1/flags[1]"), 3, -1, -1, -1);
  EXPECT_EQ(log.analysis.channels.size(), 6U);
}

TEST(Statistics, WfdbNeedsItsHeader) {
  const std::string samples = SampleWfdb({110, 200, 310, 400, 10, -32768});
  const auto alone = StatisticsOf(samples, "record.dat");
  EXPECT_EQ(alone.analysis.format, "unknown");
  EXPECT_EQ(alone.analysis.note, "no header beside it describes it");
  const auto beside = StatisticsOf(samples, "record.dat", {{"record.hea", SampleWfdbHeader()}});
  EXPECT_EQ(beside.analysis.format, "wfdb");
  ExpectChannel(Find(beside, "lead one"), 3, 0, 3, 4.0 / 3);
  ExpectChannel(Find(beside, "lead two"), 2, 1, 2, 1.5);  // -32768 means that there is no sample
  EXPECT_EQ(Find(beside, "lead one")->unit, "uV");
}

TEST(Statistics, NamesCannotSpoilTheTable) {
  const auto log = StatisticsOf("=cmd(),\"a\nb\"\n1,2\n3,4\n", "x.csv");
  const std::string csv = ToCsv(log);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 6) << csv;
  EXPECT_NE(csv.find("\"'=cmd()\""), std::string::npos) << csv;
}

}  // namespace
}  // namespace seshat::testing
