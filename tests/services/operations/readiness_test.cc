// What /readyz may look at: an agent by itself nothing that it could not read with its credential.
#include "services/operations/readiness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/memory_blob_store/memory_blob_store.h"
#include "adapters/memory_event_bus/memory_event_bus.h"
#include "adapters/memory_journal/memory_journal.h"
#include "support/fakes.h"
#include "support/faulty_ports.h"

namespace seshat::operations {
namespace {

using testing::FaultPlan;
using testing::FaultyBlobStore;
using testing::FaultyEventBus;
using ::testing::HasSubstr;

class ReadinessTest : public ::testing::Test {
 protected:
  // Every call to the bus is a mistake, and fails; of the store and the index it is not told.
  ReadinessQuestion AgentQuestion() { return {.bus = broken_bus_, .journal = journal_.get()}; }

  testing::FakeClock clock_;
  FaultPlan broken_{{.fail_at = 1, .for_ever = true}};
  std::unique_ptr<EventBus> bus_ = memory_event_bus::MakeMemoryEventBus(clock_);
  std::unique_ptr<BlobStore> store_ =
      memory_blob_store::MakeMemoryBlobStore(std::make_shared<memory_blob_store::MemoryBlobs>());
  std::unique_ptr<MigrationJournal> journal_ = memory_journal::MakeMemoryJournal();
  FaultyEventBus broken_bus_{*bus_, broken_};
  FaultyBlobStore broken_store_{*store_, broken_};
};

TEST_F(ReadinessTest, AnAgentAsksOnlyItsJournal) {
  const Status ready = CheckReady(AgentQuestion());
  EXPECT_TRUE(ready.has_value()) << ready.error().message;
  EXPECT_EQ(broken_.calls(), 0U);
}

TEST_F(ReadinessTest, AnAgentWhoseUploadsPauseIsNotReady) {
  JournalChange change;
  change.sources.push_back({.source = "", .problem = "the bucket refuses"});
  ASSERT_TRUE(journal_->Apply(change));
  const Status ready = CheckReady(AgentQuestion());
  ASSERT_FALSE(ready.has_value());
  EXPECT_THAT(ready.error().message, HasSubstr("uploads pause: the bucket refuses"));
}

TEST_F(ReadinessTest, AWorkerAsksItsQueueAndTheStore) {
  Status ready = CheckReady({.bus = broken_bus_, .subscriptions = {"indexing"}});
  ASSERT_FALSE(ready.has_value());
  EXPECT_THAT(ready.error().message, HasSubstr("the event bus"));
  ASSERT_TRUE(bus_->EnsureSubscription({.name = "indexing"}));
  EXPECT_TRUE(CheckReady({.bus = *bus_, .subscriptions = {"indexing"}}).has_value());
  ready = CheckReady({.bus = *bus_, .subscriptions = {"indexing"}, .store = &broken_store_});
  ASSERT_FALSE(ready.has_value());
  EXPECT_THAT(ready.error().message, HasSubstr("the blob store"));
  EXPECT_TRUE(CheckReady({.bus = *bus_, .subscriptions = {"indexing"}, .store = store_.get()}).has_value());
}

}  // namespace
}  // namespace seshat::operations
