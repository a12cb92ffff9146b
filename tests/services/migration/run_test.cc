// Run with its threads, on a real directory, the real clock and the journal in SQLite.
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "adapters/memory_blob_store/memory_blob_store.h"
#include "adapters/memory_event_bus/memory_event_bus.h"
#include "adapters/none/no_tracer.h"
#include "adapters/posix_source/posix_source.h"
#include "adapters/sqlite_journal/sqlite_journal.h"
#include "adapters/system/system_clock.h"
#include "core/records/event.h"
#include "services/migration/migration_service.h"
#include "services/migration/migration_view.h"
#include "support/fakes.h"
#include "support/temp_dir.h"

namespace seshat::testing {
namespace {

TEST(MigrationRun, StoresWhatAppearsAndStopsWhenToldTo) {
  TempDir dir;
  const auto clock = system::MakeSystemClock();
  const auto random = system::MakeSystemRandom();
  MemoryLogger logger;
  MemoryMetrics metrics;
  const auto tracer = none::MakeNoTracer(*clock, *random);
  const auto blobs = std::make_shared<memory_blob_store::MemoryBlobs>();
  const auto store = memory_blob_store::MakeMemoryBlobStore(blobs, BlobAccess::kWriteOnly);
  const auto bus = memory_event_bus::MakeMemoryEventBus(*clock);
  ASSERT_TRUE(bus->EnsureSubscription({.name = "test", .types = {std::string(SessionMigrated::kType)}}));
  const auto journal = sqlite_journal::MakeSqliteJournal({.path = dir / "state/journal.db"}, *random).value();
  std::filesystem::create_directories(dir / "lab");

  migration::SourceSpec spec;
  spec.name = "rig";
  spec.path = dir / "lab";
  spec.complete.quiet = std::chrono::seconds(1);
  // Only hints and follow-ups can make this test end in time.
  spec.schedule.interval = std::chrono::hours(1);
  std::vector<migration::Source> sources;
  sources.push_back({spec, posix_source::MakePosixSource({.root = dir / "lab"}).value()});
  auto service =
      migration::MigrationService::Make(
          std::move(sources), {*store, *bus, *journal, *clock, *random, logger, metrics, *tracer}, {.host = "here"})
          .value();
  std::jthread agent([&](std::stop_token stop) { service->Run(std::move(stop)); });

  WriteFile(dir / "work/metadata.txt", "operator: Ada");
  WriteFile(dir / "work/a.bin", std::string(1 << 20, 'a'));
  std::filesystem::rename(dir / "work", dir / "lab/run-1");
  std::vector<Delivery> got;
  for (int i = 0; i < 60 && got.empty(); ++i) got = bus->Receive("test", {.wait = std::chrono::seconds(1)}, {}).value();
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].event.subject, "run-1");
  const auto why = migration::MigrationView(*journal, *clock).Why("run-1");
  ASSERT_TRUE(why);
  EXPECT_EQ((*why)[0].state, migration::SessionState::kCommitted);
  agent.request_stop();
  agent.join();
}

}  // namespace
}  // namespace seshat::testing
