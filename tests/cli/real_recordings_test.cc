// Recordings of real devices, through the whole pipeline and back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include "cli/small_lab.h"
#include "core/digest/sha256.h"

namespace seshat::cli {
namespace {

fs::path SharedRecordings() {
  if (const char* shared = std::getenv("SESHAT_SHARED")) return fs::path(shared) / "real-sessions";
  return kSource / "../shared/real-sessions";
}

// The table of docs/search-examples.md: "| `query` | ids |".
void AskTheKnownQueries(const fs::path& home) {
  std::istringstream page(testing::ReadFile(kSource / "docs/search-examples.md"));
  int asked = 0;
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("| `")) continue;
    const size_t end = line.rfind("` | ");
    ASSERT_NE(end, std::string::npos) << line;
    const std::string query = line.substr(3, end - 3);
    std::istringstream known(line.substr(end + 4, line.rfind('|') - end - 4));
    const std::set<std::string> expected{std::istream_iterator<std::string>(known), {}};
    std::set<std::string> found;
    const auto answer = Json(Seshat(home, {"search", "--json", "--", query}));
    if (!answer.contains("hits")) continue;  // Json has complained
    for (const auto& hit : answer.at("hits").as_array()) found.insert(Text(hit.at("session_id")));
    EXPECT_EQ(found, expected) << query;
    ++asked;
  }
  EXPECT_GE(asked, 40);
}

TEST(RealRecordings, ComeBackByteForByteAndThreeAreFromPx4) {
  const fs::path recordings = SharedRecordings();
  if (!fs::exists(recordings / "SOURCES.txt")) GTEST_SKIP() << "no " << recordings;
  const TempDir home;
  const ProgramResult up = Seshat(
      home.path(), {"up", "--source", recordings.string(), "--quiet-time", "1s", "--until-idle", "--timeout", "100s"});
  ASSERT_EQ(up.status, 0) << up.err;
  EXPECT_EQ(Json(Seshat(home.path(), {"search", "sys_name = PX4", "--json"})).at("total").to_number<int>(), 3);
  AskTheKnownQueries(home.path());
  Words get{"get", "--to", (home / "out").string()};
  for (const auto& entry : fs::directory_iterator(recordings))
    if (entry.is_directory()) get.push_back(entry.path().filename());
  ASSERT_EQ(Seshat(home.path(), get).status, 0);
  std::ifstream list(recordings / "SOURCES.txt");
  int compared = 0;
  for (std::string line; std::getline(list, line);) {
    std::istringstream fields(line);
    std::string sha256;
    std::string bytes;
    std::string path;
    fields >> sha256 >> bytes >> path;
    if (sha256.size() != 64 || !Sha256::FromHex(sha256)) continue;
    const size_t slash = path.find('/');
    const fs::path copy = home / ("out/" + path.substr(0, slash) + "/raw" + path.substr(slash));
    EXPECT_EQ(Sha256::Of(AsBytes(testing::ReadFile(copy))).ToHex(), sha256) << path;
    ++compared;
  }
  EXPECT_EQ(compared, 17);
}

}  // namespace
}  // namespace seshat::cli
