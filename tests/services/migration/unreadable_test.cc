// What cannot be read is not missing: files behind an unreadable directory, or that cannot even be looked at, stay in
// later revisions as they were, with the reason beside them, until they can be read again or are really gone. On real
// directories, with every system call of the source failing in turn.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/posix_source/posix_source.h"
#include "services/migration/lab.h"
#include "support/fault_calls.h"
#include "support/temp_dir.h"

namespace seshat::testing {
namespace {

namespace fs = std::filesystem;
using migration::SessionState;
using ::testing::IsEmpty;

std::map<std::string, std::string> FilesBelow(const fs::path& root) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(root))
    if (entry.is_regular_file()) files[fs::relative(entry.path(), root).string()] = ReadFile(entry.path());
  return files;
}

// A lab whose one source is a real directory.
struct RealLab {
  RealLab() {
    lab.AddSource(QuickSpec("rig"));
    lab.tree_fronts = {tree.get()};
    WriteFile(dir / "run-1/a.bin", "a");
    WriteFile(dir / "run-1/camera/1/x.bin", "x");
    WriteFile(dir / "run-1/camera/y.bin", "y");
    WriteFile(dir / "run-1/large.bin", std::string(5000, 'l'));
    WriteFile(dir / "run-1/metadata.txt", "operator: Ada");
  }
  std::map<std::string, std::string> truth() const { return FilesBelow(dir / "run-1"); }

  TempDir dir;
  std::unique_ptr<SourceTree> tree = posix_source::MakePosixSource({.root = dir.path(), .hints = false}).value();
  Lab lab;
};

// Errors that a disk, a mount and a crowded process bring, at every call in turn, while a new revision is made.
void Sweep(const CallFaults& faults, uint64_t least) {
  const uint64_t hits = SweepFaults(faults, [&](const CallFaults& plan) -> uint64_t {
    SCOPED_TRACE(fmt::format("call {}, errno {}", plan.at, plan.error_number));
    RealLab real;
    real.lab.Settle(3);
    const auto first = real.truth();
    EXPECT_EQ(real.lab.Stored("run-1"), first);
    WriteFile(real.dir / "run-1/a.bin", "a, changed");
    WriteFile(real.dir / "run-1/late.bin", "late");
    uint64_t injected = 0;
    {
      const FaultScope scope(plan);
      real.lab.Settle(5);
      injected = scope.injected();
    }
    for (uint32_t revision = 2; const auto manifest = real.lab.ManifestOf("run-1", revision); ++revision)
      EXPECT_THAT(manifest->removed, IsEmpty()) << "revision " << revision << " takes files for deleted";
    // Each file is there in one version or the other; never a mixture, never another's bytes.
    auto stored = real.lab.Stored("run-1");
    auto now = real.truth();
    for (const auto& [path, bytes] : first) {
      EXPECT_TRUE(stored.contains(path)) << path << " is lost";
      EXPECT_TRUE(stored[path] == bytes || stored[path] == now[path]) << path;
    }
    real.lab.clock.Advance(std::chrono::minutes(20));
    real.lab.Settle(4);
    EXPECT_EQ(real.lab.Stored("run-1"), now);
    EXPECT_EQ(real.lab.Why("run-1").state, SessionState::kCommitted) << real.lab.Why("run-1").why;
    EXPECT_THAT(real.lab.Newest("run-1")->skipped, IsEmpty());
    return ::testing::Test::HasFailure() ? 0 : injected;
  });
  EXPECT_GT(hits, least);
}

TEST(SourceFaults, OneReadErrorAnywhere) { Sweep({.error_number = EIO}, 50); }
TEST(SourceFaults, ReadErrorsFromAnyCallOn) { Sweep({.for_ever = true, .error_number = EIO}, 50); }
TEST(SourceFaults, NoRightsFromAnyCallOn) { Sweep({.for_ever = true, .error_number = EACCES}, 50); }
TEST(SourceFaults, ShortReadsFromAnyCallOn) { Sweep({.action = CallFaults::Action::kShorten, .for_ever = true}, 1); }
TEST(SourceFaults, OneLackOfDescriptorsAnywhere) { Sweep({.error_number = EMFILE}, 50); }

// A tree in which one directory cannot be listed, or one file's attributes cannot be read.
class HidingTree : public BorrowedTree {
 public:
  using BorrowedTree::BorrowedTree;
  Status Scan(std::string_view under, SourceVisitor& visitor, std::stop_token stop) override {
    Filter filter(visitor, hidden);
    return BorrowedTree::Scan(under, filter, std::move(stop));
  }

  std::string hidden;

 private:
  class Filter : public SourceVisitor {
   public:
    Filter(SourceVisitor& inner, const std::string& hidden) : inner_(inner), hidden_(hidden) {}
    bool Enter(std::string_view directory) override {
      if (directory != hidden_) return inner_.Enter(directory);
      EXPECT_TRUE(Hidden(directory));
      return false;
    }
    Status Leave(std::string_view directory) override { return inner_.Leave(directory); }
    Status Visit(const SourceEntry& entry) override {
      return entry.path == hidden_ ? Hidden(entry.path) : inner_.Visit(entry);
    }

   private:
    Status Hidden(std::string_view path) {
      return inner_.Visit({.path = path, .kind = EntryKind::kUnreadable, .reason = "Permission denied"});
    }
    SourceVisitor& inner_;
    const std::string& hidden_;
  };
};

struct HidingLab {
  HidingLab() {
    memory_source::MemorySource& rig = lab.AddSource(QuickSpec("rig"));
    for (const char* path : {"a.bin", "camera/1/x.bin", "camera/y.bin", "camera.txt", "gone.bin"})
      rig.Write(std::string("run-1/") + path, path);
    tree = std::make_unique<HidingTree>(rig);
    lab.tree_fronts = {tree.get()};
    lab.Settle(3);
  }
  std::map<std::string, std::string> skipped() {
    std::map<std::string, std::string> reasons;
    const auto manifest = lab.Newest("run-1");
    for (const auto& entry : manifest->skipped) reasons[entry.path] = entry.reason;
    return reasons;
  }

  Lab lab;
  std::unique_ptr<HidingTree> tree;
};

TEST(Unreadable, ADirectoryKeepsItsFilesUntilTheyAreReallyGone) {
  HidingLab hiding;
  Lab& lab = hiding.lab;
  const auto first = lab.Stored("run-1");
  ASSERT_EQ(first.size(), 5U);
  const auto all_but = [&](const std::vector<std::string>& paths) {
    auto files = first;
    for (const auto& path : paths) files.erase(path);
    return files;
  };

  hiding.tree->hidden = "run-1/camera";
  lab.source().Remove("run-1/gone.bin");
  lab.Settle(3);
  ASSERT_EQ(lab.Newest("run-1")->revision, 2U);
  EXPECT_EQ(lab.Newest("run-1")->removed, (std::vector<std::string>{"gone.bin"}));
  EXPECT_EQ(lab.Stored("run-1"), all_but({"gone.bin"}));
  EXPECT_EQ(lab.Why("run-1").state, SessionState::kPartial);
  const auto skipped = hiding.skipped();
  EXPECT_EQ(skipped.at("camera"), "Permission denied");
  EXPECT_EQ(skipped.at("camera/y.bin"), "camera: Permission denied");
  EXPECT_EQ(skipped.at("camera/1/x.bin"), "camera: Permission denied");
  EXPECT_EQ(skipped.size(), 3U);

  hiding.tree->hidden.clear();
  lab.Settle(4);
  EXPECT_EQ(lab.Newest("run-1")->revision, 3U);
  EXPECT_THAT(hiding.skipped(), IsEmpty());
  EXPECT_EQ(lab.Stored("run-1"), all_but({"gone.bin"}));
  EXPECT_EQ(lab.Why("run-1").state, SessionState::kCommitted);

  lab.source().Remove("run-1/camera");
  lab.Settle(4);
  EXPECT_EQ(lab.Newest("run-1")->removed, (std::vector<std::string>{"camera/1/x.bin", "camera/y.bin"}));
  EXPECT_EQ(lab.Stored("run-1"), all_but({"gone.bin", "camera/1/x.bin", "camera/y.bin"}));
}

TEST(Unreadable, FilesRemovedBehindAClosedDoorAreRemovedWhenItOpens) {
  HidingLab hiding;
  Lab& lab = hiding.lab;
  hiding.tree->hidden = "run-1/camera";
  lab.Settle(3);
  lab.source().Remove("run-1/camera/1");
  lab.Settle(3);
  EXPECT_EQ(lab.Stored("run-1").size(), 5U);
  hiding.tree->hidden.clear();
  lab.Settle(4);
  EXPECT_EQ(lab.Newest("run-1")->removed, (std::vector<std::string>{"camera/1/x.bin"}));
  EXPECT_EQ(lab.Stored("run-1").size(), 4U);
}

TEST(Unreadable, AFileThatCannotBeLookedAtKeepsItsOlderVersion) {
  HidingLab hiding;
  Lab& lab = hiding.lab;
  hiding.tree->hidden = "run-1/a.bin";
  lab.Settle(3);
  EXPECT_EQ(lab.Stored("run-1").size(), 5U);
  EXPECT_EQ(hiding.skipped(), (std::map<std::string, std::string>{{"a.bin", "Permission denied"}}));
  hiding.tree->hidden.clear();
  lab.Settle(4);
  EXPECT_THAT(hiding.skipped(), IsEmpty());
  EXPECT_EQ(lab.Stored("run-1").size(), 5U);
}

TEST(Unreadable, AWholeSessionIsNotTakenForGone) {
  HidingLab hiding;
  Lab& lab = hiding.lab;
  lab.source().Write("run-2/a.bin", "2");
  lab.Round();
  hiding.tree->hidden = "run-2";
  lab.Settle(4);
  EXPECT_EQ(lab.Why("run-2").state, SessionState::kWaiting) << lab.Why("run-2").why;
  hiding.tree->hidden.clear();
  lab.Settle(4);
  EXPECT_EQ(lab.Stored("run-2").size(), 1U);
}

}  // namespace
}  // namespace seshat::testing
