// The source tree's suite on both adapters and on broken ones; what real directories have to show besides.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "adapters/memory_source/memory_source.h"
#include "adapters/posix_source/inotify_hints.h"
#include "adapters/posix_source/posix_source.h"
#include "conformance/source_tree/source_tree_suite.h"
#include "support/fakes.h"
#include "support/temp_dir.h"

namespace seshat::testing {
namespace {

namespace fs = std::filesystem;
using conformance::SourceTreeHarness;

class MemoryHarness : public SourceTreeHarness {
 public:
  SourceTree& tree() override { return tree_; }
  void Write(std::string_view path, std::string_view bytes) override { tree_.Write(path, bytes); }
  void MakeLink(std::string_view path) override { tree_.MakeSpecial(path, EntryKind::kSymlink); }
  void MakeFifo(std::string_view path) override { tree_.MakeSpecial(path, EntryKind::kFifo); }
  void Remove(std::string_view path) override { tree_.Remove(path); }
  bool Exists(std::string_view path) override { return tree_.Files().contains(std::string(path)); }

 protected:
  FakeClock clock_;
  memory_source::MemorySource tree_{clock_};
};

class PosixHarness : public SourceTreeHarness {
 public:
  PosixHarness() : tree_(posix_source::MakePosixSource({.root = dir_.path()}).value()) {}
  SourceTree& tree() override { return *tree_; }
  void Write(std::string_view path, std::string_view bytes) override { WriteFile(dir_ / std::string(path), bytes); }
  void MakeLink(std::string_view path) override {
    fs::create_directories((dir_ / std::string(path)).parent_path());
    fs::create_symlink("/etc/passwd", dir_ / std::string(path));
  }
  void MakeFifo(std::string_view path) override {
    fs::create_directories((dir_ / std::string(path)).parent_path());
    ASSERT_EQ(::mkfifo((dir_ / std::string(path)).c_str(), 0600), 0);
  }
  void Remove(std::string_view path) override { fs::remove_all(dir_ / std::string(path)); }
  bool Exists(std::string_view path) override { return fs::exists(dir_ / std::string(path)); }

 private:
  TempDir dir_;
  std::unique_ptr<SourceTree> tree_;
};

enum class Flaw {
  kForgetsLinks,
  kIgnoresUnder,
  kEntersAll,
  kHidesErrors,
  kSameStat,
  kReadsWrong,
  kNeverChanges,
  kOpensAll,
  kDeletesAll,
  kReplaces,
  kNeverStops
};

// Passes everything on, but for its flaw.
class BrokenTree : public SourceTree, private SourceVisitor {
 public:
  BrokenTree(memory_source::MemorySource& inner, Flaw flaw) : inner_(inner), flaw_(flaw) {}

  Status Scan(std::string_view under, SourceVisitor& visitor, std::stop_token stop) override {
    visitor_ = &visitor;
    if (flaw_ == Flaw::kIgnoresUnder) under = "";
    if (flaw_ == Flaw::kNeverStops) stop = {};
    Status status = inner_.Scan(under, *this, std::move(stop));
    return flaw_ == Flaw::kHidesErrors ? Status{} : status;
  }
  Result<SourceFile> Open(std::string_view path) override {
    auto file = inner_.Open(path);
    if (!file && flaw_ == Flaw::kOpensAll) return SourceFile{};
    if (file && flaw_ == Flaw::kReadsWrong) file->stat.size = 0;
    if (file && flaw_ == Flaw::kNeverChanges) file->body = std::make_shared<Unchanging>(file->stat.size);
    return file;
  }
  WaitEnd WaitForChange(std::chrono::nanoseconds at_most, std::stop_token stop) override {
    return flaw_ == Flaw::kNeverStops ? WaitEnd::kTimeout : inner_.WaitForChange(at_most, std::move(stop));
  }
  Status Delete(std::string_view path, const FileStat& expected) override {
    if (flaw_ == Flaw::kDeletesAll) {
      inner_.Remove(path);
      return {};
    }
    return inner_.Delete(path, expected);
  }
  Status WriteNote(std::string_view path, std::string_view text) override {
    if (flaw_ == Flaw::kReplaces) {
      inner_.Write(path, text);
      return {};
    }
    return inner_.WriteNote(path, text);
  }

 private:
  class Unchanging : public BlobSource {
   public:
    explicit Unchanging(uint64_t size) : size_(size) {}
    uint64_t size() const override { return size_; }
    Status ReadAt(uint64_t, MutableByteSpan) override { return {}; }
    Status CheckUnchanged() override { return {}; }

   private:
    uint64_t size_;
  };

  bool Enter(std::string_view directory) override {
    const bool wanted = visitor_->Enter(directory);
    return wanted || flaw_ == Flaw::kEntersAll;
  }
  Status Leave(std::string_view directory) override {
    return flaw_ == Flaw::kEntersAll ? Status{} : visitor_->Leave(directory);
  }
  Status Visit(const SourceEntry& entry) override {
    if (flaw_ == Flaw::kForgetsLinks && entry.kind == EntryKind::kSymlink) return {};
    SourceEntry shown = entry;
    if (flaw_ == Flaw::kSameStat) shown.stat = {};
    return visitor_->Visit(shown);
  }

  memory_source::MemorySource& inner_;
  Flaw flaw_;
  SourceVisitor* visitor_ = nullptr;
};

class BrokenHarness : public MemoryHarness {
 public:
  explicit BrokenHarness(Flaw flaw) : broken_(tree_, flaw) {}
  SourceTree& tree() override { return broken_; }

 private:
  BrokenTree broken_;
};

// Counts, and acts when it meets a path.
class Visitor : public SourceVisitor {
 public:
  bool Enter(std::string_view directory) override {
    if (on_enter) on_enter(directory);
    return true;
  }
  Status Leave(std::string_view) override { return {}; }
  Status Visit(const SourceEntry& entry) override {
    seen[std::string(entry.path)] = entry.kind;
    modified[std::string(entry.path)] = entry.stat.modified_ns;
    return {};
  }
  std::function<void(std::string_view)> on_enter;
  std::map<std::string, EntryKind> seen;
  std::map<std::string, int64_t> modified;
};

// Keeps the order, with a '/' behind directories.
class OrderVisitor : public SourceVisitor {
 public:
  bool Enter(std::string_view directory) override {
    seen.push_back(std::string(directory) + "/");
    return true;
  }
  Status Leave(std::string_view) override { return {}; }
  Status Visit(const SourceEntry& entry) override {
    seen.emplace_back(entry.path);
    return {};
  }
  std::vector<std::string> seen;
};

// The journal is an index by path: entries in its order cost it least. More of them than one call of the kernel brings,
// with a directory of as many among them.
TEST(PosixSource, ASessionIsWalkedInTheOrderOfItsNames) {
  TempDir dir;
  std::vector<std::string> expected;
  constexpr int kFiles = 3000;
  fs::create_directories(dir / "run-1/m");
  for (int i = 0; i < kFiles; ++i) {
    for (const char* prefix : {"run-1/a", "run-1/m/", "run-1/z"}) {
      const std::string path = prefix + std::to_string(i * 7919 % kFiles);
      expected.push_back(path);
      const int fd = ::open((dir / path).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
      ASSERT_GE(fd, 0);
      ::close(fd);
    }
  }
  expected.emplace_back("run-1/m/");
  std::ranges::sort(expected);
  OrderVisitor visitor;
  ASSERT_TRUE(posix_source::MakePosixSource({.root = dir.path()}).value()->Scan("run-1", visitor, {}));
  EXPECT_TRUE(visitor.seen == expected);
}

TEST(PosixSource, ALinkSwappedInForADirectoryIsNeverFollowed) {
  TempDir dir;
  WriteFile(dir / "lab/run-1/sub/a.bin", "inside");
  WriteFile(dir / "outside/secret/a.bin", "secret");
  const auto tree = posix_source::MakePosixSource({.root = dir / "lab"}).value();
  Visitor visitor;
  ASSERT_TRUE(tree->Scan("", visitor, {}));
  fs::rename(dir / "lab/run-1/sub", dir / "lab/run-1/gone");
  fs::create_directory_symlink(dir / "outside/secret", dir / "lab/run-1/sub");
  const auto file = tree->Open("run-1/sub/a.bin");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, ErrorCode::kSourceChanged);
  const auto scan = tree->Scan("run-1/sub", visitor, {});
  ASSERT_FALSE(scan);
  EXPECT_EQ(scan.error().code, ErrorCode::kNotFound);
  Visitor again;
  ASSERT_TRUE(tree->Scan("", again, {}));
  EXPECT_EQ(again.seen["run-1/sub"], EntryKind::kSymlink);
  EXPECT_FALSE(again.seen.contains("run-1/sub/a.bin"));
  // "No such file" or an error, but never the file behind the link.
  [[maybe_unused]] const auto deleted = tree->Delete("run-1/sub/a.bin", {});
  EXPECT_TRUE(fs::exists(dir / "outside/secret/a.bin"));
  EXPECT_FALSE(tree->WriteNote("run-1/sub/NOTE", "x"));
  EXPECT_FALSE(fs::exists(dir / "outside/secret/NOTE"));
  EXPECT_FALSE(tree->Open("../outside/secret/a.bin"));
}

TEST(PosixSource, AFifoIsNotOpenedSoNoWriterNotices) {
  TempDir dir;
  ASSERT_EQ(::mkfifo((dir / "pipe").c_str(), 0600), 0);
  const auto tree = posix_source::MakePosixSource({.root = dir.path()}).value();
  EXPECT_EQ(tree->Open("pipe").error().code, ErrorCode::kSourceChanged);
  EXPECT_EQ(::open((dir / "pipe").c_str(), O_WRONLY | O_NONBLOCK), -1);
  EXPECT_EQ(errno, ENXIO) << "somebody had it open for reading";
}

TEST(PosixSource, WhatMayNotBeReadIsReported) {
  TempDir dir;
  fs::permissions(dir.path(), fs::perms::all);
  WriteFile(dir / "run-1/secret.bin", "s");
  WriteFile(dir / "run-1/closed/a.bin", "s");
  fs::permissions(dir / "run-1/secret.bin", fs::perms::none);
  fs::permissions(dir / "run-1/closed", fs::perms::none);
  const auto tree = posix_source::MakePosixSource({.root = dir.path()}).value();
  const bool root = ::geteuid() == 0;
  if (root) {
    ASSERT_EQ(::seteuid(65534), 0);
  }
  Visitor visitor;
  const auto scan = tree->Scan("", visitor, {});
  const auto file = tree->Open("run-1/secret.bin");
  if (root) {
    ASSERT_EQ(::seteuid(0), 0);
  }
  fs::permissions(dir / "run-1/closed", fs::perms::owner_all);
  EXPECT_TRUE(scan);
  EXPECT_EQ(visitor.seen["run-1/closed"], EntryKind::kUnreadable);
  EXPECT_EQ(visitor.seen["run-1/secret.bin"], EntryKind::kFile);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, ErrorCode::kPermissionDenied);
}

TEST(PosixSource, ReadingLeavesTheAccessTimeAlone) {
  TempDir dir;
  WriteFile(dir / "a.bin", "abc");
  const timespec long_ago[2] = {{1'000'000, 0}, {1'000'000, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, (dir / "a.bin").c_str(), long_ago, 0), 0);
  const auto tree = posix_source::MakePosixSource({.root = dir.path()}).value();
  std::string bytes(3, ' ');
  ASSERT_TRUE(tree->Open("a.bin")->body->ReadAt(0, std::as_writable_bytes(std::span(bytes))));
  struct stat st{};
  ASSERT_EQ(::stat((dir / "a.bin").c_str(), &st), 0);
  EXPECT_EQ(st.st_atim.tv_sec, 1'000'000);
}

TEST(PosixSource, ASourceThatIsNotThereYetIsAnErrorUntilItIs) {
  TempDir dir;
  const auto tree = posix_source::MakePosixSource({.root = dir / "mount"}).value();
  Visitor visitor;
  EXPECT_EQ(tree->Scan("", visitor, {}).error().code, ErrorCode::kNotFound);
  WriteFile(dir / "mount/run-1/a.bin", "a");
  ASSERT_TRUE(tree->Scan("", visitor, {}));
  EXPECT_TRUE(visitor.seen.contains("run-1/a.bin"));
}

TEST(PosixSource, HintsComeForNewSessionsMovedIntoPlaceAndForFilesInThem) {
  TempDir dir;
  WriteFile(dir / "lab/old/a.bin", "a");
  const auto tree = posix_source::MakePosixSource({.root = dir / "lab"}).value();
  Visitor visitor;
  ASSERT_TRUE(tree->Scan("", visitor, {}));
  WriteFile(dir / "new/b.bin", "b");
  EXPECT_EQ(tree->WaitForChange(std::chrono::milliseconds(0), {}), WaitEnd::kTimeout);
  fs::rename(dir / "new", dir / "lab/new");
  EXPECT_EQ(tree->WaitForChange(std::chrono::seconds(10), {}), WaitEnd::kHint);
  ASSERT_TRUE(tree->Scan("", visitor, {}));
  WriteFile(dir / "lab/new/c.bin", "c");
  EXPECT_EQ(tree->WaitForChange(std::chrono::seconds(10), {}), WaitEnd::kHint);
  // A stop from another thread ends a wait at once.
  ASSERT_TRUE(tree->Scan("", visitor, {}));
  std::stop_source stop;
  std::jthread stopper([&] { stop.request_stop(); });
  EXPECT_EQ(tree->WaitForChange(std::chrono::hours(1), stop.get_token()), WaitEnd::kStopped);
}

// A time of the year 2514 became one of 1861: the seconds were multiplied beyond 64 bits.
TEST(PosixSource, TimesBeyondTheRangeAreClamped) {
  TempDir dir;
  WriteFile(dir / "late.bin", "x");
  const timespec times[2] = {{}, {.tv_sec = 9'300'000'000, .tv_nsec = 5}};  // 2264
  ASSERT_EQ(::utimensat(AT_FDCWD, (dir / "late.bin").c_str(), times, 0), 0);
  Visitor visitor;
  const auto tree = posix_source::MakePosixSource({.root = dir.path()}).value();
  ASSERT_TRUE(tree->Scan("", visitor, {}));
  EXPECT_EQ(visitor.modified.at("late.bin"), INT64_MAX);
}

TEST(InotifyHints, AFullQueueIsAHintAndEverythingIsWatchedAnew) {
  TempDir dir;
  posix_source::InotifyHints hints(true, 100);
  const posix::UniqueFd fd(::open(dir.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  hints.Watch("", fd.get());
  ASSERT_EQ(hints.watches(), 1U);
  // The queue holds fs.inotify.max_queued_events, 16,384 here; two events a file.
  std::string limit = ReadFile("/proc/sys/fs/inotify/max_queued_events");
  const int files = std::min(std::stoi(limit), 200'000) / 2 + 100;
  for (int i = 0; i < files; ++i) {
    const posix::UniqueFd file(::openat(fd.get(), std::to_string(i).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    ASSERT_TRUE(file.valid());
  }
  EXPECT_EQ(hints.Wait(std::chrono::seconds(10), {}), WaitEnd::kHint);
  EXPECT_EQ(hints.watches(), 0U) << "nothing is known to be watched after lost events";
  hints.Watch("", fd.get());
  EXPECT_EQ(hints.watches(), 1U);
}

TEST(InotifyHints, KeepToTheirLimitAndForgetWhatGoes) {
  TempDir dir;
  fs::create_directories(dir / "a");
  fs::create_directories(dir / "b");
  posix_source::InotifyHints hints(true, 1);
  posix::UniqueFd a(::open((dir / "a").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const posix::UniqueFd b(::open((dir / "b").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  hints.Watch("a", a.get());
  hints.Watch("b", b.get());
  EXPECT_EQ(hints.watches(), 1U);
  a.Reset();
  fs::remove(dir / "a");
  EXPECT_EQ(hints.Wait(std::chrono::seconds(10), {}), WaitEnd::kHint);
  EXPECT_EQ(hints.watches(), 0U);
}

}  // namespace
}  // namespace seshat::testing

int main(int argc, char** argv) {
  using namespace seshat::testing;
  ::testing::InitGoogleTest(&argc, argv);
  const auto cases = seshat::conformance::SourceTreeCases();
  seshat::conformance::RegisterSuite<SourceTreeHarness>("SourceTree", "memory", cases,
                                                        [] { return std::make_unique<MemoryHarness>(); });
  seshat::conformance::RegisterSuite<SourceTreeHarness>("SourceTree", "posix", cases,
                                                        [] { return std::make_unique<PosixHarness>(); });
  const auto broken = [](Flaw flaw) {
    return [flaw]() -> std::unique_ptr<SourceTreeHarness> { return std::make_unique<BrokenHarness>(flaw); };
  };
  seshat::conformance::RegisterBrokenAdapters<SourceTreeHarness>(
      "SourceTree", cases,
      {{"ForgetsLinks", broken(Flaw::kForgetsLinks), {"ScansEverythingOnce"}},
       {"IgnoresUnder", broken(Flaw::kIgnoresUnder), {"ScansBelowADirectory"}},
       {"EntersAll", broken(Flaw::kEntersAll), {"RefusedDirectoriesArePassedOver"}},
       {"HidesErrors", broken(Flaw::kHidesErrors), {"TheVisitorsErrorEndsTheScan"}},
       {"SameStat", broken(Flaw::kSameStat), {"AnyWriteChangesTheAttributes"}},
       {"ReadsWrong", broken(Flaw::kReadsWrong), {"ReadsRanges"}},
       {"NeverChanges", broken(Flaw::kNeverChanges), {"TellsThatABodyChanged"}},
       {"OpensAll", broken(Flaw::kOpensAll), {"OpensNothingButRegularFiles"}},
       {"DeletesAll", broken(Flaw::kDeletesAll), {"DeletesOnlyWhatIsAsExpected"}},
       {"Replaces", broken(Flaw::kReplaces), {"NotesNeverReplaceAnything"}},
       {"NeverStops", broken(Flaw::kNeverStops), {"WaitingEndsWithTheDeadlineOrTheStop"}}});
  return RUN_ALL_TESTS();
}
