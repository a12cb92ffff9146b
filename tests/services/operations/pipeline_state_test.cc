// When `--until-idle` may end.
#include "services/operations/pipeline_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/memory_event_bus/memory_event_bus.h"
#include "adapters/memory_journal/memory_journal.h"
#include "services/operations/moving_journal.h"
#include "support/fakes.h"

namespace seshat::operations {
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

Observation Recorded(bool complete) {
  Observation observation{.files = 1, .complete = complete};
  observation.fingerprint.Add("a.bin", 0, {.size = 1});
  return observation;
}

// Finding A4: uploading sessions were counted first and waiting ones listed after that. A session that was found
// complete in between was in neither answer, and `--until-idle` ended with it in the middle of an upload.
TEST(PipelineState, FindingA4SessionsThatAreFoundCompleteBetweenTwoLooksAreSeen) {
  const testing::FakeClock clock;
  testing::FakeClock bus_clock;
  const auto bus = memory_event_bus::MakeMemoryEventBus(bus_clock);
  // It goes on before, between and behind the questions that are asked; the session waits for a marker, which no clock
  // brings, so that it does not keep the pipeline busy while it waits.
  for (uint64_t moves_before = 1; moves_before < 10; ++moves_before) {
    const auto inner = memory_journal::MakeMemoryJournal();
    JournalChange change;
    change.sources.push_back({.source = "rig", .scanned_at = clock.Now()});
    change.observations.push_back({{"rig", "run-1"}, Recorded(false)});
    ASSERT_TRUE(inner->Apply(change));
    testing::MovingJournal journal(*inner, moves_before, [&] {
      JournalChange complete;
      complete.observations.push_back({{"rig", "run-1"}, Recorded(true)});
      EXPECT_TRUE(inner->Apply(complete));
    });
    const auto state = LookAtPipeline({.journal = &journal, .bus = *bus, .sources = {"rig"}});
    ASSERT_TRUE(state) << state.error().message;
    EXPECT_TRUE(!state->idle || state->unfinished == 1) << "lost when it moves before call " << moves_before;
  }
}

TEST(PipelineState, SessionsThatGoBackToWaitingBetweenTwoLooksAreSeen) {
  const testing::FakeClock clock;
  testing::FakeClock bus_clock;
  const auto bus = memory_event_bus::MakeMemoryEventBus(bus_clock);
  for (uint64_t moves_before = 1; moves_before < 10; ++moves_before) {
    const auto inner = memory_journal::MakeMemoryJournal();
    JournalChange change;
    change.sources.push_back({.source = "rig", .scanned_at = clock.Now()});
    change.observations.push_back({{"rig", "run-1"}, Recorded(true)});
    ASSERT_TRUE(inner->Apply(change));
    testing::MovingJournal journal(*inner, moves_before, [&] {
      JournalChange changed;
      changed.observations.push_back({{"rig", "run-1"}, Recorded(false)});
      EXPECT_TRUE(inner->Apply(changed));
    });
    const auto state = LookAtPipeline({.journal = &journal, .bus = *bus, .sources = {"rig"}});
    ASSERT_TRUE(state) << state.error().message;
    EXPECT_TRUE(!state->idle || state->unfinished == 1) << "lost when it moves before call " << moves_before;
  }
}

}  // namespace
}  // namespace seshat::operations
