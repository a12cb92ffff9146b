// The agent's memory does not grow with a session: scan, plan, upload and manifest of one session of 40,000 files in a
// child process, whose peak is read from /proc.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "adapters/memory_event_bus/memory_event_bus.h"
#include "adapters/none/no_tracer.h"
#include "adapters/sqlite_journal/sqlite_journal.h"
#include "services/migration/migration_service.h"
#include "support/discarding_blob_store.h"
#include "support/fakes.h"
#include "support/temp_dir.h"

namespace seshat::testing {
namespace {

constexpr uint64_t kFiles = 40'000;
// Records of all files at once would be some 16 MiB, and the text of the manifest as much again.
constexpr int64_t kAllowedBytes = int64_t{32} << 20;

// One session of `files` files of one byte, none of which exists anywhere: what a tree costs is not the question.
class EndlessSession : public SourceTree {
 public:
  explicit EndlessSession(uint64_t files) : files_(files) {}

  Status Scan(std::string_view under, SourceVisitor& visitor, std::stop_token) override {
    if (under.empty() && !visitor.Enter("run-1")) return {};
    for (uint64_t i = 0; i < files_; ++i) {
      // In no order, as file systems list them.
      const auto path = fmt::format("run-1/{:016x}-camera.bin", (i + 1) * 0x9E3779B97F4A7C15U);
      SESHAT_TRY(visitor.Visit({.path = path, .stat = kStat}));
    }
    return under.empty() ? visitor.Leave("run-1") : Status{};
  }
  Result<SourceFile> Open(std::string_view) override { return SourceFile{std::make_shared<OneByte>(), kStat}; }
  WaitEnd WaitForChange(std::chrono::nanoseconds, std::stop_token) override { return WaitEnd::kTimeout; }
  Status Delete(std::string_view, const FileStat&) override {
    return Fail(ErrorCode::kPermissionDenied, "nothing is deleted here");
  }
  Status WriteNote(std::string_view, std::string_view) override {
    return Fail(ErrorCode::kPermissionDenied, "nothing is written here");
  }

 private:
  static constexpr FileStat kStat{.size = 1, .modified_ns = 1, .changed_ns = 1, .inode = 1, .mode = 0644};
  class OneByte : public BlobSource {
   public:
    uint64_t size() const override { return 1; }
    Status ReadAt(uint64_t, MutableByteSpan out) override {
      for (auto& byte : out) byte = std::byte{'x'};
      return {};
    }
    Status CheckUnchanged() override { return {}; }
  };

  uint64_t files_;
};

int64_t StatusBytes(const std::string& field) {
  const int fd = ::open("/proc/self/status", O_RDONLY | O_CLOEXEC);
  std::string text(8192, '\0');
  const auto size = ::read(fd, text.data(), text.size());
  ::close(fd);
  text.resize(size > 0 ? static_cast<size_t>(size) : 0);
  const auto at = text.find(field + ":");
  return at == std::string::npos ? -1 : std::stoll(text.substr(at + field.size() + 1)) * 1024;
}

struct Outcome {
  int64_t growth = -1;
  uint64_t puts = 0;
  uint64_t bytes = 0;
};

// Nothing of SQLite was open before the fork.
Outcome MigrateInThisProcess(const TempDir& dir) {
  FakeClock clock;
  SeededRandom random;
  MemoryLogger logger;
  MemoryMetrics metrics;
  const auto tracer = none::MakeNoTracer(clock, random);
  DiscardingBlobStore store;
  const auto bus = memory_event_bus::MakeMemoryEventBus(clock);
  const auto journal = sqlite_journal::MakeSqliteJournal({.path = dir / "journal.db"}, random).value();
  migration::SourceSpec spec;
  spec.name = "rig";
  spec.path = "/rig";
  std::vector<migration::Source> sources;
  sources.push_back({spec, std::make_unique<EndlessSession>(kFiles)});
  const auto service = migration::MigrationService::Make(
                           std::move(sources), {store, *bus, *journal, clock, random, logger, metrics, *tracer}, {})
                           .value();
  const int64_t before = StatusBytes("VmRSS");
  for (int i = 0; i < 2; ++i) {
    static_cast<void>(service->ScanOnce("rig", {}));
    clock.Advance(std::chrono::minutes(1));
  }
  static_cast<void>(service->UploadOnce({}));
  return {StatusBytes("VmHWM") - before, store.puts(), store.bytes()};
}

TEST(AgentMemory, DoesNotGrowWithTheFilesOfASession) {
  const TempDir dir;
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const Outcome outcome = MigrateInThisProcess(dir);
    const auto written = ::write(ends[1], &outcome, sizeof outcome);
    ::_exit(written == sizeof outcome ? 0 : 1);
  }
  ::close(ends[1]);
  Outcome outcome;
  EXPECT_EQ(::read(ends[0], &outcome, sizeof outcome), static_cast<ssize_t>(sizeof outcome));
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_EQ(status, 0) << "the child died";
  EXPECT_GT(outcome.puts, kFiles + 2 + kFiles / ManifestLimits{}.entries) << "files, owner, manifest and its pages";
  EXPECT_LT(outcome.puts, kFiles + 100);
  EXPECT_GT(outcome.bytes, kFiles * 200) << "a manifest of all files";
  EXPECT_LT(outcome.growth, kAllowedBytes);
  RecordProperty("growth_kib", std::to_string(outcome.growth >> 10));
}

}  // namespace
}  // namespace seshat::testing
