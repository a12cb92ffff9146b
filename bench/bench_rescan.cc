// Rescan of files that have not changed: the agent's scan, journal included, against a bare walk of the same tree.
//
//   bench_rescan [--full] [DIRECTORY]
//
// Makes a tree of 10,000 sessions × 100 files (a tenth of it without --full) in DIRECTORY, or in the temporary
// directory, and takes it away again. Both programs run in turn, each in a process of its own.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "adapters/memory_blob_store/memory_blob_store.h"
#include "adapters/memory_event_bus/memory_event_bus.h"
#include "adapters/none/no_tracer.h"
#include "adapters/posix_source/posix_source.h"
#include "adapters/sqlite_journal/sqlite_journal.h"
#include "adapters/system/system_clock.h"
#include "bench_process.h"
#include "services/migration/migration_service.h"
#include "support/fakes.h"

namespace seshat::bench {
namespace {

constexpr int kRounds = 7;

bool MakeTree(const std::filesystem::path& root, int sessions, int files) {
  for (int s = 0; s < sessions; ++s) {
    const auto directory = root / fmt::format("session-{:06}", s);
    std::filesystem::create_directories(directory);
    for (int f = 0; f < files; ++f) {
      const int fd = ::open((directory / fmt::format("sensor-{:03}.bin", f)).c_str(), O_WRONLY | O_CREAT, 0644);
      if (fd < 0) return false;
      ::close(fd);
    }
  }
  return true;
}

// What the journal would say after uploads.
int SettleAll(MigrationJournal& journal) {
  SessionQuery query;
  while (true) {
    const auto page = journal.ListSessions(query);
    if (!page) return 1;
    JournalChange change;
    for (const auto& record : *page) {
      Progress progress = record.progress;
      progress.revision = 1;
      progress.settled = record.observation.fingerprint;
      change.progress.emplace_back(record.session, progress);
    }
    if (!journal.Apply(change)) return 1;
    if (page->size() < query.limit) return 0;
    query.after = page->back().session;
  }
}

// One scan as the agent does it. `first`: makes the journal, as if everything had been committed before.
int Scan(const std::filesystem::path& root, const std::filesystem::path& journal_path, bool first) {
  const auto clock = system::MakeSystemClock();
  const auto random = system::MakeSystemRandom();
  testing::FakeClock later(clock->Now());
  testing::MemoryLogger logger;
  testing::MemoryMetrics metrics;
  const auto tracer = none::MakeNoTracer(*clock, *random);
  const auto blobs = std::make_shared<memory_blob_store::MemoryBlobs>();
  const auto store = memory_blob_store::MakeMemoryBlobStore(blobs, BlobAccess::kWriteOnly);
  const auto bus = memory_event_bus::MakeMemoryEventBus(*clock);
  auto journal = sqlite_journal::MakeSqliteJournal({.path = journal_path}, *random);
  auto tree = posix_source::MakePosixSource({.root = root});
  if (!journal || !tree) return 1;
  migration::SourceSpec spec;
  spec.name = "bench";
  spec.path = root;
  std::vector<migration::Source> sources;
  sources.push_back({spec, *std::move(tree)});
  Clock& used = first ? static_cast<Clock&>(later) : *clock;
  auto service = migration::MigrationService::Make(
      std::move(sources), {*store, *bus, **journal, used, *random, logger, metrics, *tracer}, {});
  if (!service) return 1;
  const int scans = first ? 2 : 1;
  for (int i = 0; i < scans; ++i) {
    const auto scan = (*service)->ScanOnce("bench", {});
    if (!scan || (!first && scan->changed != 0)) return 1;
    if (!first) fmt::print("{}\n", scan->entries);
    later.Advance(std::chrono::minutes(1));
  }
  return first ? SettleAll(**journal) : 0;
}

int Compare(const std::filesystem::path& self, bool full, const std::filesystem::path& where) {
  const int sessions = full ? 10'000 : 1'000;
  std::string name = (where / "seshat-rescan-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) return 1;
  const std::filesystem::path work = name;
  int result = 1;
  if (MakeTree(work / "lab", sessions, 100) && RunChild({self, "--scan-first", work / "lab", work / "journal.db"}).ok) {
    Comparison wall;
    Comparison cpu;
    double peak = 0;
    bool ok = true;
    for (int round = 0; round < kRounds; ++round) {
      ChildCost floor;
      ChildCost ours;
      const auto run_floor = [&] { floor = RunChild({self.parent_path() / "floor_rescan", work / "lab"}); };
      const auto run_ours = [&] { ours = RunChild({self, "--scan", work / "lab", work / "journal.db"}); };
      if (round % 2 == 0) run_floor();
      run_ours();
      if (round % 2 != 0) run_floor();
      ok = ok && floor.ok && ours.ok;
      wall.Add(ours.seconds, floor.seconds);
      cpu.Add(ours.cpu_seconds, floor.cpu_seconds);
      peak = std::max(peak, ours.peak_mib);
    }
    wall.PrintRow(fmt::format("rescan of {} unchanged files", sessions * 100), "s", "≤ 1.15",
                  fmt::format("CPU ratio {:.2f}, peak {:.0f} MiB", cpu.median_ratio(), peak));
    result = ok ? 0 : 1;
  }
  std::filesystem::remove_all(work);
  return result;
}

}  // namespace
}  // namespace seshat::bench

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() == 3 && words[0].starts_with("--scan"))
    return seshat::bench::Scan(words[1], words[2], words[0] == "--scan-first");
  bool full = false;
  std::filesystem::path where = std::filesystem::temp_directory_path();
  for (const auto& word : words) {
    if (word == "--full")
      full = true;
    else
      where = word;
  }
  return seshat::bench::Compare(std::filesystem::read_symlink("/proc/self/exe"), full, where);
}
