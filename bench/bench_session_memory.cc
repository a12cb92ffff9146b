// Memory and time of migrating one session of very many tiny files: the agent must stay below 64 MiB whatever the size
// of a session.
//
//   bench_session_memory [--full] [--discard] [DIRECTORY]
//
// 100,000 files of one byte into the file store, or with --discard to a store that only counts them, so that the
// agent's own cost is seen alone; --full: 1,000,000 of the latter as well. The migration runs in a process of its own;
// DIRECTORY (or the temporary one) is cleaned up afterwards.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "adapters/file_store/file_store.h"
#include "adapters/memory_event_bus/memory_event_bus.h"
#include "adapters/none/no_tracer.h"
#include "adapters/posix_source/posix_source.h"
#include "adapters/sqlite_journal/sqlite_journal.h"
#include "adapters/system/system_clock.h"
#include "bench_process.h"
#include "platform/posix/unique_fd.h"
#include "services/migration/migration_service.h"
#include "support/discarding_blob_store.h"
#include "support/fakes.h"

namespace seshat::bench {
namespace {

namespace fs = std::filesystem;

constexpr double kMaxMib = 64;

// Names in no order, as cameras and loggers with hashes in them make them.
bool MakeFiles(const fs::path& session, uint64_t files) {
  fs::create_directories(session);
  for (uint64_t i = 0; i < files; ++i) {
    const auto name = fmt::format("{:016x}.bin", (i + 1) * 0x9E3779B97F4A7C15U);
    const posix::UniqueFd fd(::open((session / name).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
    if (!fd.valid() || ::write(fd.get(), "x", 1) != 1) return false;
  }
  return true;
}

int Migrate(const fs::path& lab, const fs::path& work, bool discard) {
  const auto clock = system::MakeSystemClock();
  const auto random = system::MakeSystemRandom();
  testing::FakeClock past(clock->Now());  // so that nothing waits for quiet
  testing::MemoryLogger logger;
  testing::MemoryMetrics metrics;
  const auto tracer = none::MakeNoTracer(past, *random);
  testing::DiscardingBlobStore nowhere;
  auto store = file_store::MakeFileBlobStore({.root = work / "store", .access = BlobAccess::kWriteOnly});
  const auto bus = memory_event_bus::MakeMemoryEventBus(*clock);
  auto journal = sqlite_journal::MakeSqliteJournal({.path = work / "journal.db"}, *random);
  auto tree = posix_source::MakePosixSource({.root = lab});
  if (!store || !journal || !tree) return 1;
  migration::SourceSpec spec;
  spec.name = "bench";
  spec.path = lab;
  std::vector<migration::Source> sources;
  sources.push_back({spec, *std::move(tree)});
  BlobStore& target = discard ? static_cast<BlobStore&>(nowhere) : **store;
  auto service = migration::MigrationService::Make(
      std::move(sources), {target, *bus, **journal, past, *random, logger, metrics, *tracer}, {});
  if (!service) return 1;
  for (int i = 0; i < 2; ++i) {
    if (!(*service)->ScanOnce("bench", {})) return 1;
    past.Advance(std::chrono::minutes(1));
  }
  const auto summary = (*service)->UploadOnce({});
  return summary.store && summary.sessions == 1 && summary.not_ready == 0 ? 0 : 1;
}

bool Measure(const fs::path& self, const fs::path& work, uint64_t files, bool discard) {
  const fs::path lab = work / "lab";
  if (!MakeFiles(lab / "session", files)) return false;
  const auto cost = RunChild({self, discard ? "--migrate-nowhere" : "--migrate", lab, work / "run"});
  fs::remove_all(work / "run");
  fs::remove_all(lab);
  Comparison memory;
  memory.Add(cost.peak_mib, kMaxMib);
  memory.PrintRow(fmt::format("agent memory, one session of {} files", files), "MiB", "≤ 1",
                  fmt::format("the other is the limit; {:.1f} s, {:.1f} s CPU{}", cost.seconds, cost.cpu_seconds,
                              discard ? ", stored nowhere" : ""));
  return cost.ok && cost.peak_mib <= kMaxMib;
}

int Run(const fs::path& self, bool full, bool discard, const fs::path& where) {
  std::string name = (where / "seshat-session-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) return 1;
  bool ok = Measure(self, name, 100'000, discard);
  if (full) ok = Measure(self, name, 1'000'000, true) && ok;
  fs::remove_all(name);
  return ok ? 0 : 1;
}

}  // namespace
}  // namespace seshat::bench

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() == 3 && words[0].starts_with("--migrate"))
    return seshat::bench::Migrate(words[1], words[2], words[0] == "--migrate-nowhere");
  bool full = false;
  bool discard = false;
  std::filesystem::path where = std::filesystem::temp_directory_path();
  for (const auto& word : words) {
    if (word == "--full")
      full = true;
    else if (word == "--discard")
      discard = true;
    else
      where = word;
  }
  return seshat::bench::Run(std::filesystem::read_symlink("/proc/self/exe"), full, discard, where);
}
