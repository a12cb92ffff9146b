#include "cli/simulate/lab.h"

#include <gtest/gtest.h>

#include <map>

#include "cli/simulate/recordings.h"
#include "core/digest/sha256.h"
#include "support/fakes.h"
#include "support/temp_dir.h"

namespace seshat::cli {
namespace {

std::map<std::string, std::string> Tree(const std::filesystem::path& root) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (entry.is_regular_file())
      files[entry.path().lexically_relative(root)] = Sha256::Of(AsBytes(testing::ReadFile(entry.path()))).ToHex();
  }
  return files;
}

TEST(Lab, IsTheSameForTheSameSeed) {
  const testing::TempDir a;
  const testing::TempDir b;
  const testing::TempDir c;
  ASSERT_TRUE(Lab({.directory = a.path()}).Make());
  ASSERT_TRUE(Lab({.directory = b.path()}).Make());
  ASSERT_TRUE(Lab({.directory = c.path(), .seed = 2}).Make());
  EXPECT_EQ(Tree(a.path()), Tree(b.path()));
  EXPECT_NE(Tree(a.path()), Tree(c.path()));
  const auto again = Lab({.directory = a.path()}).Make();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->sessions, 18U);
  EXPECT_EQ(Tree(a.path()), Tree(b.path()));
}

TEST(Lab, UnfinishedSessionsLackTheirMetadata) {
  const testing::TempDir directory;
  const auto summary = Lab({.directory = directory.path(), .sources = 2, .sessions = 1}).Make();
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->sessions, 2U);
  EXPECT_EQ(summary->unfinished, 2U);
  size_t with = 0;
  size_t without = 0;
  for (const auto& source : summary->sources) {
    for (const auto& session : std::filesystem::directory_iterator(source)) {
      EXPECT_TRUE(std::filesystem::exists(session.path() / "faults.log"));
      ++(std::filesystem::exists(session.path() / "metadata.txt") ? with : without);
    }
  }
  EXPECT_EQ(with, 2U);
  EXPECT_EQ(without, 2U);
}

TEST(Lab, LiveSessionsEndAsIfTheyHadBeenWrittenAtOnce) {
  const testing::TempDir directory;
  testing::FakeClock clock;
  Lab lab({.directory = directory.path(), .sources = 2, .sessions = 1});
  ASSERT_TRUE(lab.Make());
  const auto summary = lab.Live(clock, clock.SteadyNow() + std::chrono::seconds(10), {});
  ASSERT_TRUE(summary) << summary.error().ToString();
  EXPECT_EQ(summary->unfinished, 0U);
  EXPECT_GT(summary->sessions, 6U);
  size_t sessions = 0;
  for (const std::string source : {"bench-1", "bench-2"}) {
    for (uint64_t number = 0;; ++number, ++sessions) {
      const SimulatedSession session = MakeSimulatedSession(1, source, number);
      const auto where = directory / source / session.id;
      if (!std::filesystem::exists(where)) break;
      for (const SimulatedFile& file : session.files)
        EXPECT_EQ(testing::ReadFile(where / file.name), file.bytes) << where / file.name;
    }
  }
  EXPECT_EQ(sessions, summary->sessions);
}

TEST(Recordings, EdfHeaderAndDataFitTogether) {
  Dice dice(1);
  const std::string edf = EdfRecording(Waves(dice, 3, 128 * 5 + 7), 128, "X", "02.03.26");
  EXPECT_EQ(edf.size(), 256 * 4 + 3 * 128 * 2 * 5);
  EXPECT_EQ(edf.substr(184, 8), "1024    ");
  EXPECT_EQ(edf.substr(236, 8), "5       ");
  EXPECT_EQ(edf.substr(252, 4), "3   ");
}

TEST(Recordings, WfdbHeaderNamesEverySignal) {
  const std::vector<std::vector<int16_t>> channels{{1, 2, -4}, {-7, 0, 0}};
  EXPECT_EQ(WfdbHeader("ecg", channels, 250),
            "ecg 2 250 3\n"
            "ecg.dat 16 200/mV 16 0 1 -1 0 LEAD 1\n"
            "ecg.dat 16 200/mV 16 0 -7 -7 0 LEAD 2\n");
  EXPECT_EQ(RawRecording(channels).size(), 12U);
}

}  // namespace
}  // namespace seshat::cli
