#include "services/retrieval/download.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/memory_download_target/memory_download_target.h"
#include "ports/blob_transfer.h"
#include "services/indexing/indexing_lab.h"

namespace seshat::retrieval {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr auto kNobody = [](uint64_t, uint64_t) {};

class DownloadTest : public ::testing::Test {
 protected:
  SessionId Id(const char* id) { return SessionId::Parse(id).value(); }

  DownloadSummary Fetch(const char* id, What what) {
    const auto selection = SelectNewest(*lab_.store, Id(id), what, {}).value();
    return Download(*lab_.store, *target_, selection, kNobody, {}).value();
  }
  std::vector<std::string> Paths() {
    std::vector<std::string> paths;
    for (const auto& [path, file] : files_) paths.push_back(path);
    return paths;
  }

  testing::IndexingLab lab_;
  memory_download_target::MemoryTargetFiles files_;
  std::unique_ptr<DownloadTarget> target_ = memory_download_target::MakeMemoryDownloadTarget(files_);
};

TEST_F(DownloadTest, StoppedBetweenTwoFilesIsNoSuccess) {
  std::stop_source stop;
  stop.request_stop();
  const auto done =
      DownloadFiles(*lab_.store, *target_, {{.key = "run-1/raw/a", .path = "run-1/raw/a"}}, kNobody, stop.get_token());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kCancelled);
  lab_.PutSession({.id = "s"});
  const auto selection = SelectNewest(*lab_.store, Id("s"), What::kRaw, {}).value();
  EXPECT_EQ(Download(*lab_.store, *target_, selection, kNobody, stop.get_token()).error().code, ErrorCode::kCancelled);
}

TEST_F(DownloadTest, FaultBResultsAreThoseOfTheNewestRevisionAndSettle) {
  lab_.PutSession({.id = "s"});
  lab_.PutReceipt("s", "a.bin", "p");
  lab_.PutReceipt("s", "a.bin", "old");
  lab_.PutSession({.id = "s", .files = {"a.bin", "b.bin"}, .revision = 2});
  lab_.PutReceipt("s", "a.bin", "p", 2);
  const DownloadSummary first = Fetch("s", What::kAll);
  EXPECT_EQ(first.fetched, 3u);
  EXPECT_TRUE(first.failed.empty());
  EXPECT_THAT(Paths(), ElementsAre("s/processed/p-1/a.bin/out.csv", "s/raw/a.bin", "s/raw/b.bin"));
  const DownloadSummary again = Fetch("s", What::kAll);
  EXPECT_EQ(again.fetched, 0u);
  EXPECT_EQ(again.kept, 3u);
}

TEST_F(DownloadTest, FaultAResultsOfAFileWithALongPathAreFetched) {
  const std::string path(817, 'x');
  lab_.PutSession({.id = "s", .files = {path}});
  lab_.PutReceipt("s", path, "copy");
  EXPECT_EQ(Fetch("s", What::kProcessed).fetched, 1u);
  EXPECT_THAT(Paths(), ElementsAre("s/processed/copy-1/" + path + "/out.csv"));
}

TEST_F(DownloadTest, ADamagedObjectIsAFailedFileAndTheRestIsFetched) {
  lab_.PutSession({.id = "s", .files = {"a", "b"}});
  const auto selection = SelectNewest(*lab_.store, Id("s"), What::kRaw, {}).value();
  std::vector<WantedFile> files;
  ASSERT_TRUE(selection.ForEachPart([&](const Selection::Part& part) { files = part.files; }, {}));
  files[0].sha256 = Sha256::Of(AsBytes("other"));
  files.push_back({.key = "../x", .path = "s/raw/c"});
  files.push_back({.key = "s/raw/lost", .path = "s/raw/d"});
  const auto summary = DownloadFiles(*lab_.store, *target_, files, kNobody, {}).value();
  EXPECT_THAT(Paths(), ElementsAre("s/raw/b"));
  ASSERT_EQ(summary.failed.size(), 3u);
  for (const FailedFile& failed : summary.failed) {
    if (failed.path != "s/raw/a") continue;
    EXPECT_EQ(failed.error.code, ErrorCode::kDataLoss);
    EXPECT_THAT(failed.error.message, HasSubstr(": the stored object s/raw/a is damaged"));
  }
}

}  // namespace
}  // namespace seshat::retrieval
