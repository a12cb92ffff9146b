// A session's way into the file store, from the scan to the manifest, against a floor that does the least a careful
// copy does: read, SHA-256, write, fsync, rename, and fsync of each directory at the end.
//
//   bench_migrate [--full] [DIRECTORY]
//
// --full: 10,000 files of 100 KiB, and one of 2 GiB; otherwise a tenth of each. Both programs run in turn, each in a
// process of its own; DIRECTORY (or the temporary one) is cleaned up afterwards.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <set>
#include <string>

#include "adapters/file_store/file_store.h"
#include "adapters/memory_event_bus/memory_event_bus.h"
#include "adapters/none/no_tracer.h"
#include "adapters/posix_source/posix_source.h"
#include "adapters/sqlite_journal/sqlite_journal.h"
#include "adapters/system/system_clock.h"
#include "bench_process.h"
#include "core/digest/sha256.h"
#include "platform/posix/unique_fd.h"
#include "services/migration/migration_service.h"
#include "support/fakes.h"

namespace seshat::bench {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBlock = 1 << 20;

bool MakeFiles(const fs::path& root, int files, uint64_t bytes) {
  std::vector<char> block(std::min<uint64_t>(kBlock, bytes));
  uint64_t state = 1;
  for (int i = 0; i < files; ++i) {
    const auto directory = root / fmt::format("session-{}", i / 1000);
    fs::create_directories(directory);
    const posix::UniqueFd fd(::open((directory / fmt::format("{:05}.bin", i)).c_str(), O_WRONLY | O_CREAT, 0644));
    if (!fd.valid()) return false;
    for (uint64_t done = 0; done < bytes; done += block.size()) {
      for (size_t at = 0; at + 8 <= block.size(); at += 8) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        std::memcpy(&block[at], &state, 8);
      }
      if (::write(fd.get(), block.data(), block.size()) != static_cast<ssize_t>(block.size())) return false;
    }
  }
  return true;
}

int Migrate(const fs::path& lab, const fs::path& work) {
  const auto clock = system::MakeSystemClock();
  const auto random = system::MakeSystemRandom();
  testing::FakeClock past(clock->Now());  // so that nothing waits for quiet
  testing::MemoryLogger logger;
  testing::MemoryMetrics metrics;
  const auto tracer = none::MakeNoTracer(past, *random);
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
  auto service = migration::MigrationService::Make(
      std::move(sources), {**store, *bus, **journal, past, *random, logger, metrics, *tracer}, {});
  if (!service) return 1;
  for (int i = 0; i < 2; ++i) {
    if (!(*service)->ScanOnce("bench", {})) return 1;
    past.Advance(std::chrono::minutes(1));
  }
  const auto summary = (*service)->UploadOnce({});
  return summary.store && summary.sessions > 0 && summary.not_ready == 0 ? 0 : 1;
}

bool CopyDurably(const fs::path& from, const fs::path& to, std::vector<std::byte>& block) {
  const posix::UniqueFd in(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
  const fs::path temporary = to.string() + ".tmp";
  const posix::UniqueFd out(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (!in.valid() || !out.valid()) return false;
  Sha256Hasher hasher;
  while (true) {
    const ssize_t got = ::read(in.get(), block.data(), block.size());
    if (got < 0) return false;
    if (got == 0) break;
    hasher.Update(std::span(block).first(static_cast<size_t>(got)));
    if (::write(out.get(), block.data(), static_cast<size_t>(got)) != got) return false;
  }
  static_cast<void>(hasher.Finish());
  return ::fsync(out.get()) == 0 && ::rename(temporary.c_str(), to.c_str()) == 0;
}

int Floor(const fs::path& lab, const fs::path& work) {
  std::vector<std::byte> block(kBlock);
  std::set<fs::path> directories;
  for (const auto& entry : fs::recursive_directory_iterator(lab)) {
    if (!entry.is_regular_file()) continue;
    const fs::path to = work / "store" / fs::relative(entry.path(), lab);
    if (directories.insert(to.parent_path()).second) fs::create_directories(to.parent_path());
    if (!CopyDurably(entry.path(), to, block)) return 1;
  }
  for (const auto& directory : directories) {
    const posix::UniqueFd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd.valid() || ::fsync(fd.get()) != 0) return 1;
  }
  return 0;
}

bool Measure(const fs::path& self, const fs::path& work, int files, uint64_t bytes, int rounds) {
  const fs::path lab = work / "lab";
  if (!MakeFiles(lab, files, bytes)) return false;
  ::sync();
  Comparison rate;
  Comparison cpu;
  double peak = 0;
  bool ok = true;
  for (int round = 0; round < rounds; ++round) {
    ChildCost floor;
    ChildCost ours;
    const auto run = [&](const char* mode) {
      const fs::path target = work / "run";
      const auto cost = RunChild({self, mode, lab, target});
      fs::remove_all(target);
      ::sync();
      return cost;
    };
    if (round % 2 == 0) floor = run("--floor");
    ours = run("--migrate");
    if (round % 2 != 0) floor = run("--floor");
    ok = ok && floor.ok && ours.ok;
    const double mib = static_cast<double>(bytes) * files / (1 << 20);
    rate.Add(mib / ours.seconds, mib / floor.seconds);
    cpu.Add(ours.cpu_seconds, floor.cpu_seconds);
    peak = std::max(peak, ours.peak_mib);
  }
  fs::remove_all(lab);
  rate.PrintRow(fmt::format("migrating {} × {} KiB", files, bytes / 1024), "MiB/s", "≥ 0.85",
                fmt::format("CPU ratio {:.2f}, peak {:.0f} MiB", cpu.median_ratio(), peak));
  return ok;
}

int Compare(const fs::path& self, bool full, const fs::path& where) {
  std::string name = (where / "seshat-migrate-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) return 1;
  const uint64_t part = full ? 1 : 10;
  const bool small = Measure(self, name, static_cast<int>(10'000 / part), 100 * 1024, 7);
  const bool large = Measure(self, name, 1, (2048 / part) << 20, 7);
  fs::remove_all(name);
  return small && large ? 0 : 1;
}

}  // namespace
}  // namespace seshat::bench

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() == 3 && words[0] == "--migrate") return seshat::bench::Migrate(words[1], words[2]);
  if (words.size() == 3 && words[0] == "--floor") return seshat::bench::Floor(words[1], words[2]);
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
