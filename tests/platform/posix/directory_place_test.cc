#include "platform/posix/directory_place.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "support/temp_dir.h"

namespace seshat::posix {
namespace {

namespace fs = std::filesystem;

// A NAS at /nas, of which /nas/lab is shown at /mnt/rig as well; a second disk; a name with a blank.
constexpr const char* kMounts =
    "21 1 254:1 / / rw,relatime - ext4 /dev/vda1 rw\n"
    "30 21 0:52 / /nas rw shared:5 - nfs4 nas:/ rw\n"
    "31 21 0:52 /lab /mnt/rig rw - nfs4 nas:/lab rw\n"
    "32 21 8:17 / /my\\040disk rw - xfs /dev/sdb1 rw\n"
    "nonsense\n";

DirectoryPlace At(const fs::path& path) { return PlaceOf(path, ParseMountInfo(kMounts)).value(); }

TEST(DirectoryPlace, ReadsMountInfo) {
  const auto mounts = ParseMountInfo(kMounts);
  ASSERT_EQ(mounts.size(), 4U);
  EXPECT_EQ(mounts[2].root, "/lab");
  EXPECT_EQ(mounts[3].point, "/my disk");
  EXPECT_EQ(mounts[3].file_system, "8:17");
}

TEST(DirectoryPlace, RelationsOfNames) {
  struct Row {
    const char* first;
    const char* second;
    PlaceRelation relation;
  };
  constexpr Row kRows[] = {
      {"/nowhere/lab", "/nowhere/lab", PlaceRelation::kSame},
      {"/nowhere/lab/", "/nowhere/./lab", PlaceRelation::kSame},
      {"/nowhere/lab", "/nowhere/lab2", PlaceRelation::kApart},
      {"/nowhere/lab/store", "/nowhere/lab", PlaceRelation::kInside},
      {"/nowhere", "/nowhere/lab/store", PlaceRelation::kAround},
      {"/nowhere/lab/../store", "/nowhere/lab", PlaceRelation::kApart},
      {"/nas/lab", "/mnt/rig", PlaceRelation::kSame},
      {"/nas/lab/store", "/mnt/rig", PlaceRelation::kInside},
      {"/mnt/rig/store", "/nas/lab", PlaceRelation::kInside},
      {"/nas", "/mnt/rig", PlaceRelation::kAround},
      {"/nas/other", "/mnt/rig", PlaceRelation::kApart},
      {"/my disk/a", "/nas/a", PlaceRelation::kApart},
      {"/", "/nas", PlaceRelation::kApart},  // another file system
      {"/", "/nowhere", PlaceRelation::kAround},
  };
  for (const Row& row : kRows)
    EXPECT_EQ(RelationOf(At(row.first), At(row.second)), row.relation) << row.first << " " << row.second;
}

TEST(DirectoryPlace, LinksAreFollowedAlsoBelowWhatIsNotThereYet) {
  const testing::TempDir dir;
  const auto mounts = MountsNow().value();
  fs::create_directories(dir / "lab");
  fs::create_directory_symlink(dir / "lab", dir / "link");
  const auto lab = PlaceOf(dir / "lab", mounts).value();
  EXPECT_EQ(RelationOf(PlaceOf(dir / "link", mounts).value(), lab), PlaceRelation::kSame);
  EXPECT_EQ(RelationOf(PlaceOf(dir / "link/store/new", mounts).value(), lab), PlaceRelation::kInside);
  EXPECT_EQ(RelationOf(PlaceOf(dir / "other", mounts).value(), lab), PlaceRelation::kApart);
}

TEST(DirectoryPlace, RelativeNamesAreRefused) {
  EXPECT_EQ(PlaceOf("lab", ParseMountInfo(kMounts)).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(PlaceOf("/lab", {}).error().code, ErrorCode::kInternal);
}

}  // namespace
}  // namespace seshat::posix
