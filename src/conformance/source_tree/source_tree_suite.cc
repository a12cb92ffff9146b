#include "conformance/source_tree/source_tree_suite.h"

#include <map>
#include <set>
#include <string>

namespace seshat::conformance {
namespace {

// Remembers what a scan met, and that Enter and Leave pair up around what lies below.
class Recorder : public SourceVisitor {
 public:
  bool Enter(std::string_view directory) override {
    if (refused.contains(std::string(directory))) return false;
    open.emplace_back(directory);
    return true;
  }
  Status Leave(std::string_view directory) override {
    EXPECT_FALSE(open.empty());
    if (!open.empty()) {
      EXPECT_EQ(open.back(), directory);
      open.pop_back();
    }
    return {};
  }
  Status Visit(const SourceEntry& entry) override {
    EXPECT_TRUE(open.empty() || entry.path.starts_with(open.back() + "/")) << entry.path;
    entries[std::string(entry.path)] = {entry.kind, entry.stat};
    return entries.size() == fail_at ? Fail(ErrorCode::kInternal, "the visitor's own error") : Status{};
  }

  std::set<std::string> refused;
  size_t fail_at = 0;
  std::vector<std::string> open;
  std::map<std::string, std::pair<EntryKind, FileStat>> entries;
};

std::set<std::string> Paths(const Recorder& recorder) {
  std::set<std::string> paths;
  for (const auto& [path, entry] : recorder.entries) paths.insert(path);
  return paths;
}

void ScansEverythingOnce(SourceTreeHarness& h) {
  h.Write("run-1/a.bin", "12345");
  h.Write("run-1/deep/er/b.bin", "");
  h.Write("loose.txt", "x");
  h.MakeLink("run-1/link");
  h.MakeFifo("run-1/pipe");
  Recorder all;
  ASSERT_TRUE(h.tree().Scan("", all, {}));
  EXPECT_EQ(Paths(all),
            (std::set<std::string>{"loose.txt", "run-1/a.bin", "run-1/deep/er/b.bin", "run-1/link", "run-1/pipe"}));
  EXPECT_EQ(all.entries["run-1/a.bin"].first, EntryKind::kFile);
  EXPECT_EQ(all.entries["run-1/a.bin"].second.size, 5U);
  EXPECT_EQ(all.entries["run-1/link"].first, EntryKind::kSymlink);
  EXPECT_EQ(all.entries["run-1/pipe"].first, EntryKind::kFifo);
}

void ScansBelowADirectory(SourceTreeHarness& h) {
  h.Write("run-1/a.bin", "1");
  h.Write("run-1-too/b.bin", "2");
  Recorder some;
  ASSERT_TRUE(h.tree().Scan("run-1", some, {}));
  EXPECT_EQ(Paths(some), std::set<std::string>{"run-1/a.bin"});
  const auto none = h.tree().Scan("run-9", some, {});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
}

void RefusedDirectoriesArePassedOver(SourceTreeHarness& h) {
  h.Write("run-1/skip/a.bin", "1");
  h.Write("run-1/b.bin", "2");
  Recorder some;
  some.refused = {"run-1/skip"};
  ASSERT_TRUE(h.tree().Scan("", some, {}));
  EXPECT_EQ(Paths(some), std::set<std::string>{"run-1/b.bin"});
}

void TheVisitorsErrorEndsTheScan(SourceTreeHarness& h) {
  h.Write("run-1/a.bin", "1");
  h.Write("run-1/b.bin", "2");
  Recorder some;
  some.fail_at = 1;
  const auto status = h.tree().Scan("", some, {});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kInternal);
  EXPECT_EQ(some.entries.size(), 1U);
}

void AnyWriteChangesTheAttributes(SourceTreeHarness& h) {
  h.Write("run-1/a.bin", "12345");
  Recorder before;
  ASSERT_TRUE(h.tree().Scan("", before, {}));
  h.Remove("run-1/a.bin");
  h.Write("run-1/a.bin", "12346");
  Recorder after;
  ASSERT_TRUE(h.tree().Scan("", after, {}));
  EXPECT_NE(before.entries["run-1/a.bin"].second, after.entries["run-1/a.bin"].second);
}

void ReadsRanges(SourceTreeHarness& h) {
  h.Write("run-1/a.bin", "0123456789");
  const auto file = h.tree().Open("run-1/a.bin");
  ASSERT_TRUE(file);
  Recorder seen;
  ASSERT_TRUE(h.tree().Scan("", seen, {}));
  EXPECT_EQ(file->stat, seen.entries["run-1/a.bin"].second);
  EXPECT_EQ(file->body->size(), 10U);
  std::string part(4, ' ');
  ASSERT_TRUE(file->body->ReadAt(3, std::as_writable_bytes(std::span(part))));
  EXPECT_EQ(part, "3456");
  EXPECT_TRUE(file->body->CheckUnchanged());
  EXPECT_EQ(file->body->ReadAt(8, std::as_writable_bytes(std::span(part))).error().code, ErrorCode::kSourceChanged);
}

void TellsThatABodyChanged(SourceTreeHarness& h) {
  h.Write("run-1/a.bin", "0123456789");
  const auto file = h.tree().Open("run-1/a.bin");
  ASSERT_TRUE(file);
  h.Write("run-1/a.bin", "0123456789ab");
  const auto status = file->body->CheckUnchanged();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kSourceChanged);
}

void OpensNothingButRegularFiles(SourceTreeHarness& h) {
  h.MakeLink("run-1/link");
  h.MakeFifo("run-1/pipe");
  for (const auto* path : {"run-1/link", "run-1/pipe"}) {
    const auto file = h.tree().Open(path);
    ASSERT_FALSE(file) << path;
    EXPECT_EQ(file.error().code, ErrorCode::kSourceChanged) << path;
  }
  EXPECT_EQ(h.tree().Open("run-1/none").error().code, ErrorCode::kNotFound);
}

void DeletesOnlyWhatIsAsExpected(SourceTreeHarness& h) {
  h.Write("run-1/a.bin", "1");
  const auto stat = h.tree().Open("run-1/a.bin")->stat;
  h.Write("run-1/a.bin", "22");
  const auto refused = h.tree().Delete("run-1/a.bin", stat);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kSourceChanged);
  EXPECT_TRUE(h.Exists("run-1/a.bin"));
  EXPECT_TRUE(h.tree().Delete("run-1/a.bin", h.tree().Open("run-1/a.bin")->stat));
  EXPECT_FALSE(h.Exists("run-1/a.bin"));
  EXPECT_TRUE(h.tree().Delete("run-1/a.bin", stat));
}

void NotesNeverReplaceAnything(SourceTreeHarness& h) {
  h.Write("run-1/a.bin", "1");
  EXPECT_TRUE(h.tree().WriteNote("run-1/NOTE.txt", "moved"));
  EXPECT_TRUE(h.Exists("run-1/NOTE.txt"));
  EXPECT_EQ(h.tree().WriteNote("run-1/a.bin", "moved").error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(h.tree().Open("run-1/a.bin")->stat.size, 1U);
  EXPECT_EQ(h.tree().WriteNote("run-9/NOTE.txt", "moved").error().code, ErrorCode::kNotFound);
}

void WaitingEndsWithTheDeadlineOrTheStop(SourceTreeHarness& h) {
  h.Write("run-1/a.bin", "1");
  Recorder all;
  ASSERT_TRUE(h.tree().Scan("", all, {}));
  // A hint is always allowed.
  EXPECT_NE(h.tree().WaitForChange(std::chrono::milliseconds(1), {}), WaitEnd::kStopped);
  std::stop_source stop;
  stop.request_stop();
  ASSERT_TRUE(h.tree().Scan("", all, {}));
  EXPECT_EQ(h.tree().WaitForChange(std::chrono::hours(1), stop.get_token()), WaitEnd::kStopped);
  const auto scan = h.tree().Scan("", all, stop.get_token());
  ASSERT_FALSE(scan);
  EXPECT_EQ(scan.error().code, ErrorCode::kCancelled);
}

constexpr Case<SourceTreeHarness> kCases[] = {
    {"ScansEverythingOnce", ScansEverythingOnce},
    {"ScansBelowADirectory", ScansBelowADirectory},
    {"RefusedDirectoriesArePassedOver", RefusedDirectoriesArePassedOver},
    {"TheVisitorsErrorEndsTheScan", TheVisitorsErrorEndsTheScan},
    {"AnyWriteChangesTheAttributes", AnyWriteChangesTheAttributes},
    {"ReadsRanges", ReadsRanges},
    {"TellsThatABodyChanged", TellsThatABodyChanged},
    {"OpensNothingButRegularFiles", OpensNothingButRegularFiles},
    {"DeletesOnlyWhatIsAsExpected", DeletesOnlyWhatIsAsExpected},
    {"NotesNeverReplaceAnything", NotesNeverReplaceAnything},
    {"WaitingEndsWithTheDeadlineOrTheStop", WaitingEndsWithTheDeadlineOrTheStop},
};

}  // namespace

std::span<const Case<SourceTreeHarness>> SourceTreeCases() { return kCases; }

}  // namespace seshat::conformance
