#include "cli/download/download.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>

#include <filesystem>

#include "adapters/memory_blob_store/memory_blob_store.h"
#include "platform/posix/unique_fd.h"
#include "support/temp_dir.h"

namespace seshat::cli {
namespace {

namespace fs = std::filesystem;
using testing::TempDir;

constexpr auto kNobody = [](uint64_t, uint64_t) {};

TEST(Download, StoppedBetweenTwoFilesIsNoSuccess) {
  const TempDir dir;
  const auto store = memory_blob_store::MakeMemoryBlobStore(std::make_shared<memory_blob_store::MemoryBlobs>(),
                                                            BlobAccess::kReadWrite);
  std::stop_source stop;
  stop.request_stop();
  const auto done =
      Download(*store, dir.path(), {{.key = "run-1/raw/a", .path = "run-1/raw/a"}}, kNobody, stop.get_token());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kCancelled);
}

TEST(Download, RemovesWhatKilledDownloadsLeftAndNothingElse) {
  const TempDir dir;
  testing::WriteFile(dir / ".seshat-get-123/0", "half a file");
  testing::WriteFile(dir / ".seshat-get-124/0", "of one that runs");
  testing::WriteFile(dir / ".seshat-get-notes/0", "somebody's own");
  const posix::UniqueFd running(::open((dir / ".seshat-get-124").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  ASSERT_EQ(::flock(running.get(), LOCK_EX | LOCK_NB), 0);
  const auto store = memory_blob_store::MakeMemoryBlobStore(std::make_shared<memory_blob_store::MemoryBlobs>(),
                                                            BlobAccess::kReadWrite);
  ASSERT_TRUE(Download(*store, dir.path(), {}, kNobody, {}));
  EXPECT_FALSE(fs::exists(dir / ".seshat-get-123"));
  EXPECT_TRUE(fs::exists(dir / ".seshat-get-124/0"));
  EXPECT_TRUE(fs::exists(dir / ".seshat-get-notes/0"));
}

}  // namespace
}  // namespace seshat::cli
