// When `--until-idle` may end.
#include "composition/pipeline_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/memory_event_bus/memory_event_bus.h"
#include "adapters/memory_journal/memory_journal.h"
#include "support/fakes.h"

namespace seshat::composition {
namespace {

using ::testing::HasSubstr;

TEST(PipelineState, ConflictsDoNotHideWhatIsStillToBeStored) {
  testing::FakeClock clock;
  const auto journal = memory_journal::MakeMemoryJournal();
  const auto bus = memory_event_bus::MakeMemoryEventBus(clock);
  Observation complete{.files = 1, .complete = true};
  complete.fingerprint.Add("a.bin", 0, {.size = 1});
  JournalChange change;
  change.sources.push_back({.source = "rig", .scanned_at = clock.Now()});
  for (const char* id : {"taken", "mine"}) change.observations.push_back({{"rig", id}, complete});
  change.progress.push_back({{"rig", "taken"}, {.ownership = Ownership::kConflict}});
  ASSERT_TRUE(journal->Apply(change));

  const auto state = LookAtPipeline({.journal = journal.get(), .bus = *bus, .sources = {"rig"}});
  ASSERT_TRUE(state) << state.error().message;
  EXPECT_FALSE(state->idle);
  EXPECT_THAT(state->waiting_for, HasSubstr("1 sessions of source rig to be stored"));
  EXPECT_EQ(state->conflicts, 1U);
}

}  // namespace
}  // namespace seshat::composition
