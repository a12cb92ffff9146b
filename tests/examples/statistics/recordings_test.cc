// Real recordings, against numbers that a separate program computed from the same files.
#include <gtest/gtest.h>

#include "samples.h"

namespace seshat::testing {
namespace {

struct Known {
  const char* file;
  const char* format;
  const char* channel;
  uint64_t count;
  double minimum;
  double maximum;
  double mean;
};

class Recordings : public ::testing::TestWithParam<Known> {};

TEST_P(Recordings, HaveKnownStatistics) {
  const Known& known = GetParam();
  const auto file = RealRecording(known.file);
  if (!file) GTEST_SKIP() << "no real recordings here: set SESHAT_SHARED";
  statistics::Statistics result;
  ASSERT_TRUE(statistics::Compute(*file, result));
  EXPECT_EQ(result.analysis.format, known.format);
  const auto* channel = Find(result, known.channel);
  ASSERT_NE(channel, nullptr);
  EXPECT_EQ(channel->count, known.count);
  EXPECT_NEAR(channel->minimum, known.minimum, 1e-9);
  EXPECT_NEAR(channel->maximum, known.maximum, 1e-9);
  EXPECT_NEAR(channel->mean(), known.mean, 1e-9);
}

constexpr const char* kGenerator = "edf-generator-2011-04-04/test_generator.edf";

INSTANTIATE_TEST_SUITE_P(
    All, Recordings,
    ::testing::Values(
        Known{"mitbih-100/100.dat", "wfdb", "MLII", 650000, -2.715, 1.435, -0.3062989769230768},
        Known{"mitbih-100/100.dat", "wfdb", "V5", 650000, -2.465, 1.225, -0.191034430769231},
        Known{kGenerator, "edf+", "squarewave", 120000, -99.96185244525827, 99.99237048905161, 0.015259021896667946},
        Known{kGenerator, "edf+", "ramp", 120000, -99.96185244525827, 98.9852750438697, -0.4846265354391335},
        Known{kGenerator, "edf+", "noise", 120000, 0.015259021896667946, 98.9852750438697, 49.51273924874749},
        Known{"px4-auav-x21-2016/sample.ulg", "ulog", "vehicle_attitude.0/rollspeed", 6461, -2.7379276752471924,
              2.5593390464782715, 0.0009871307393483214}));

}  // namespace
}  // namespace seshat::testing
