#include "adapters/scratch_directory/scratch_directory.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/fakes.h"
#include "support/temp_dir.h"

namespace seshat::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ScratchDirectory : public ::testing::Test {
 protected:
  fs::path Out() const { return area_->output_directory(); }
  ErrorCode OpeningOutput(const std::string& name) {
    const auto source = area_->OpenOutput(name);
    EXPECT_FALSE(source) << name << " was opened";
    return source ? ErrorCode::kInternal : source.error().code;
  }

  TempDir directory_;
  SeededRandom random_;
  std::unique_ptr<Scratch> scratch_ =
      scratch_directory::MakeScratchDirectory(directory_ / "deep/er/work", random_).value();
  std::unique_ptr<ScratchArea> area_ = scratch_->Open().value();
};

TEST_F(ScratchDirectory, FilesAreWrittenInAnyOrderAndReadBack) {
  const auto file = area_->CreateFile("input").value();
  ASSERT_TRUE(file.sink->WriteAt(3, AsBytes("def")));
  ASSERT_TRUE(file.sink->WriteAt(0, AsBytes("abc")));
  EXPECT_EQ(ReadFile(file.path), "abcdef");
  const auto source = area_->OpenFile("input").value();
  ASSERT_EQ(source->size(), 6U);
  std::string text(4, '\0');
  ASSERT_TRUE(source->ReadAt(2, {reinterpret_cast<std::byte*>(text.data()), text.size()}));
  EXPECT_EQ(text, "cdef");
  EXPECT_FALSE(source->ReadAt(3, {reinterpret_cast<std::byte*>(text.data()), text.size()}));
  EXPECT_TRUE(source->CheckUnchanged());
  ASSERT_TRUE(file.sink->WriteAt(6, AsBytes("more")));
  EXPECT_EQ(source->CheckUnchanged().error().code, ErrorCode::kSourceChanged);
  EXPECT_EQ(area_->CreateFile("input").error().code, ErrorCode::kAlreadyExists);
}

TEST_F(ScratchDirectory, OnlyRegularFilesAreCollectedSortedByName) {
  WriteFile(Out() / "b", "22");
  WriteFile(Out() / "a" / "deep", "1");
  fs::create_symlink("/etc/passwd", Out() / "link");
  fs::create_directory_symlink("/etc", Out() / "folder-link");
  ASSERT_EQ(::mkfifo((Out() / "pipe").c_str(), 0600), 0);
  const auto outputs = area_->CollectOutputs({}).value();
  ASSERT_EQ(outputs.files.size(), 2U);
  EXPECT_EQ(outputs.files[0].name, "a/deep");
  EXPECT_EQ(outputs.files[1].name, "b");
  EXPECT_EQ(outputs.files[1].size, 2U);
  EXPECT_EQ(outputs.ignored.size(), 3U);
}

TEST_F(ScratchDirectory, NothingIsFollowedOut) {
  WriteFile(directory_ / "secret", "secret");
  fs::create_symlink(directory_ / "secret", Out() / "link");
  fs::create_directory_symlink(directory_.path(), Out() / "folder");
  ASSERT_EQ(::mkfifo((Out() / "pipe").c_str(), 0600), 0);
  OpeningOutput("link");
  OpeningOutput("folder/secret");
  OpeningOutput("../../../../../secret");
  OpeningOutput((directory_ / "secret").native());
  EXPECT_EQ(OpeningOutput("pipe"), ErrorCode::kInvalidArgument);
  EXPECT_EQ(OpeningOutput("missing"), ErrorCode::kNotFound);
}

TEST_F(ScratchDirectory, LimitsAreKept) {
  WriteFile(Out() / "a" / "b" / "c", std::string(100, 'x'));
  WriteFile(Out() / "d", std::string(100, 'x'));
  const auto problem = [&](const CollectLimits& limits) {
    const auto outputs = area_->CollectOutputs(limits);
    EXPECT_FALSE(outputs);
    if (outputs) return std::string();
    EXPECT_EQ(outputs.error().code, ErrorCode::kResourceExhausted);
    return outputs.error().message;
  };
  EXPECT_TRUE(area_->CollectOutputs({.max_files = 4, .max_total_bytes = 200, .max_depth = 2}));
  EXPECT_THAT(problem({.max_files = 3}), HasSubstr("more than 3 outputs"));
  EXPECT_THAT(problem({.max_total_bytes = 199}), HasSubstr("199 bytes"));
  EXPECT_THAT(problem({.max_depth = 1}), HasSubstr("1 directories deep"));
}

TEST_F(ScratchDirectory, HostileTreesAreRemoved) {
  // Deeper than a path can be long, closed at every level, with names like those that removing uses itself.
  int at = ::open(Out().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  for (int depth = 0; depth < 300; ++depth) {
    const std::string name = depth % 2 == 0 ? std::string(200, 'd') : "~0";
    ASSERT_EQ(::mkdirat(at, name.c_str(), 0700), 0);
    const int file = ::openat(at, "~1", O_CREAT | O_WRONLY | O_CLOEXEC, 0000);
    ASSERT_GE(file, 0);
    ::close(file);
    const int next = ::openat(at, name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ASSERT_GE(next, 0);
    ASSERT_EQ(::fchmod(at, depth == 0 ? 0700 : 0000), 0);
    ::close(at);
    at = next;
  }
  ::close(at);
  area_.reset();
  EXPECT_TRUE(fs::is_empty(directory_ / "deep/er/work"));
}

TEST_F(ScratchDirectory, CleanTakesWhatIsLeftAndNothingInUse) {
  const fs::path work = directory_ / "deep/er/work";
  WriteFile(work / "run-dead" / "files" / "input", "x");
  WriteFile(work / "somebody-elses", "x");
  // As another process on the same directory.
  SeededRandom random(2);
  const auto other = scratch_directory::MakeScratchDirectory(work, random).value();
  ASSERT_TRUE(other->Clean());
  EXPECT_FALSE(fs::exists(work / "run-dead"));
  EXPECT_TRUE(fs::exists(work / "somebody-elses"));
  EXPECT_TRUE(fs::exists(Out()));
}

TEST_F(ScratchDirectory, OnlyItsOwnerMayLookInside) {
  EXPECT_EQ(fs::status(Out().parent_path()).permissions(), fs::perms::owner_all);
}

}  // namespace
}  // namespace seshat::testing
