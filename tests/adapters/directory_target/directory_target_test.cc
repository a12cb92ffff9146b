#include "adapters/directory_target/directory_target.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <filesystem>

#include "conformance/download_target/download_target_suite.h"
#include "platform/posix/unique_fd.h"
#include "support/temp_dir.h"

namespace seshat::directory_target {
namespace {

namespace fs = std::filesystem;
using testing::TempDir;

class DirectoryHarness : public conformance::DownloadTargetHarness {
 public:
  DownloadTarget& target() override { return *target_; }
  std::optional<Found> Look(std::string_view path) override {
    const fs::path place = dir_ / std::string(path);
    struct stat status{};
    if (::lstat(place.c_str(), &status) != 0) return std::nullopt;
    return Found{
        testing::ReadFile(place), status.st_mode & 07777u,
        Timestamp(std::chrono::seconds(status.st_mtim.tv_sec) + std::chrono::nanoseconds(status.st_mtim.tv_nsec))};
  }
  void Write(std::string_view path, std::string_view bytes) override {
    testing::WriteFile(dir_ / std::string(path), bytes);
  }

 private:
  TempDir dir_;
  std::unique_ptr<DownloadTarget> target_ = MakeDirectoryTarget(dir_.path()).value();
};

TEST(DirectoryTarget, RemovesWhatKilledDownloadsLeftAndNothingElse) {
  const TempDir dir;
  testing::WriteFile(dir / ".seshat-get-123/0", "half a file");
  testing::WriteFile(dir / ".seshat-get-124/0", "of one that runs");
  testing::WriteFile(dir / ".seshat-get-notes/0", "somebody's own");
  const posix::UniqueFd running(::open((dir / ".seshat-get-124").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  ASSERT_EQ(::flock(running.get(), LOCK_EX | LOCK_NB), 0);
  ASSERT_TRUE(MakeDirectoryTarget(dir.path()));
  EXPECT_FALSE(fs::exists(dir / ".seshat-get-123"));
  EXPECT_TRUE(fs::exists(dir / ".seshat-get-124/0"));
  EXPECT_TRUE(fs::exists(dir / ".seshat-get-notes/0"));
}

TEST(DirectoryTarget, LeavesNoTemporaryFolder) {
  const TempDir dir;
  {
    const auto target = MakeDirectoryTarget(dir / "new/place").value();
    const auto file = target->Begin({.path = "a", .size = 1}).value();
    ASSERT_TRUE(file->sink()->WriteAt(0, AsBytes("x")));
  }
  EXPECT_TRUE(fs::is_empty(dir / "new/place"));
}

TEST(DirectoryTarget, NoLinkLeadsOut) {
  const TempDir dir;
  const TempDir outside;
  testing::WriteFile(outside / "secret", "as it was");
  fs::create_directories(dir / "s");
  fs::create_directory_symlink(outside.path(), dir / "s/raw");
  fs::create_symlink(outside / "secret", dir / "s/link");
  const auto target = MakeDirectoryTarget(dir.path()).value();
  const auto begun = target->Begin({.path = "s/raw/secret", .size = 1});
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().code, ErrorCode::kInvalidArgument);
  // A link under the file's own name is replaced, and what it led to stays.
  const auto file = target->Begin({.path = "s/link", .size = 1, .sha256 = Sha256::Of(AsBytes("x"))}).value();
  ASSERT_TRUE(file->sink()->WriteAt(0, AsBytes("x")));
  ASSERT_TRUE(file->Finish());
  EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(dir / "s/link")));
  EXPECT_EQ(testing::ReadFile(outside / "secret"), "as it was");
}

}  // namespace

std::unique_ptr<conformance::DownloadTargetHarness> MakeHarness() { return std::make_unique<DirectoryHarness>(); }

}  // namespace seshat::directory_target

int main(int argc, char** argv) {
  namespace conformance = seshat::conformance;
  ::testing::InitGoogleTest(&argc, argv);
  conformance::RegisterSuite<conformance::DownloadTargetHarness>(
      "DownloadTarget", "directory", conformance::DownloadTargetCases(), seshat::directory_target::MakeHarness);
  return RUN_ALL_TESTS();
}
