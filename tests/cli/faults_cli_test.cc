// Faults that lay between services, shown with the built command from the source directory to the fetched file.
#include <gtest/gtest.h>

#include "cli/small_lab.h"

namespace seshat::cli {
namespace {

class FaultsTest : public ::testing::Test {
 protected:
  void Write(const std::string& path, const std::string& bytes) { testing::WriteFile(home_ / ("lab/" + path), bytes); }

  // Stores, processes and indexes what is there.
  ProgramResult Up() {
    testing::WriteFile(home_ / "seshat.toml", R"([processors.copy]
match = ["**/*.bin"]
command = ["/bin/sh", "-c", 'cat "$SESHAT_INPUT" > "$SESHAT_OUTPUT/copy.bin"']
)");
    return Run({"up", "--source", (home_ / "lab").string(), "--json", "--quiet-time", "1s", "--timeout", "100s",
                "--until-idle"});
  }
  ProgramResult Run(Words words) {
    words.insert(words.end(), {"--config", (home_ / "seshat.toml").string()});
    return Seshat(home_.path(), words);
  }

  TempDir home_;
};

TEST_F(FaultsTest, FaultAResultsOfAFileWhosePathHas817BytesAreSeenEverywhere) {
  std::string path;
  while (path.size() + 205 < 813) path += std::string(200, 'd') + "/";
  path += std::string(813 - path.size(), 'f') + ".bin";
  ASSERT_EQ(path.size(), 817u);
  Write("s/short.bin", "short");
  Write("s/" + path, "long");
  const ProgramResult up = Up();
  ASSERT_EQ(up.status, 0) << up.err;
  EXPECT_EQ(Json(up).at("results").to_number<int>(), 2) << up.out;
  const auto shown = Json(Run({"show", "s", "--json"}));
  for (const auto& file : shown.at("files").as_array())
    EXPECT_EQ(file.as_object().at("results").as_array().size(), 1u) << Text(file.as_object().at("path"));
  EXPECT_EQ(Json(Run({"replay", "s", "--json", "--processed"})).at("events").to_number<int>(), 3);
  const auto got = Json(Run({"get", "s", "--what", "all", "--to", (home_ / "got").string(), "--json"}));
  EXPECT_EQ(got.at("fetched").to_number<int>(), 4);
  EXPECT_EQ(testing::ReadFile(home_ / ("got/s/processed/copy-1/" + path + "/copy.bin")), "long");
  EXPECT_EQ(Json(Run({"verify", "s", "--json"})).at("files").to_number<int>(), 4);
}

TEST_F(FaultsTest, FaultBGetWhatAllOfTwoRevisionsSettlesOnTheNewest) {
  Write("s/a.bin", "first");
  ASSERT_EQ(Up().status, 0);
  Write("s/a.bin", "second!");
  ASSERT_EQ(Up().status, 0);
  const Words get{"get", "s", "--what", "all", "--to", (home_ / "got").string(), "--json"};
  EXPECT_EQ(Json(Run(get)).at("fetched").to_number<int>(), 2);
  EXPECT_EQ(testing::ReadFile(home_ / "got/s/raw/a.bin"), "second!");
  EXPECT_EQ(testing::ReadFile(home_ / "got/s/processed/copy-1/a.bin/copy.bin"), "second!");
  const auto again = Json(Run(get));
  EXPECT_EQ(again.at("fetched").to_number<int>(), 0);
  EXPECT_EQ(again.at("kept").to_number<int>(), 2);
}

}  // namespace
}  // namespace seshat::cli
