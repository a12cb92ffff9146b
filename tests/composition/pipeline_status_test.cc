// What /readyz may look at: an agent by itself nothing that it could not read with its credential.
#include "composition/pipeline_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/memory_blob_store/memory_blob_store.h"
#include "adapters/memory_event_bus/memory_event_bus.h"
#include "adapters/memory_journal/memory_journal.h"
#include "support/fakes.h"
#include "support/faulty_ports.h"

namespace seshat::composition {
namespace {

using testing::FaultPlan;
using testing::FaultyBlobStore;
using testing::FaultyEventBus;
using ::testing::HasSubstr;

class PipelineStatusTest : public ::testing::Test {
 protected:
  // Every call to the bus or to a store is a mistake, and fails.
  PipelinePorts AgentPorts() {
    PipelinePorts ports;
    ports.bus = std::make_unique<FaultyEventBus>(*bus_, broken_);
    ports.write_only_store = std::make_unique<FaultyBlobStore>(*store_, broken_);
    ports.journal = memory_journal::MakeMemoryJournal();
    return ports;
  }

  testing::FakeClock clock_;
  FaultPlan broken_{{.fail_at = 1, .for_ever = true}};
  std::unique_ptr<EventBus> bus_ = memory_event_bus::MakeMemoryEventBus(clock_);
  std::unique_ptr<BlobStore> store_ =
      memory_blob_store::MakeMemoryBlobStore(std::make_shared<memory_blob_store::MemoryBlobs>());
};

TEST_F(PipelineStatusTest, AnAgentAsksOnlyItsJournal) {
  const PipelinePorts ports = AgentPorts();
  const Status ready = CheckReady(ports, {});
  EXPECT_TRUE(ready.has_value()) << ready.error().message;
  EXPECT_EQ(broken_.calls(), 0U);
}

TEST_F(PipelineStatusTest, AnAgentWhoseUploadsPauseIsNotReady) {
  const PipelinePorts ports = AgentPorts();
  JournalChange change;
  change.sources.push_back({.source = "", .problem = "the bucket refuses"});
  ASSERT_TRUE(ports.journal->Apply(change));
  const Status ready = CheckReady(ports, {});
  ASSERT_FALSE(ready.has_value());
  EXPECT_THAT(ready.error().message, HasSubstr("uploads pause: the bucket refuses"));
}

TEST_F(PipelineStatusTest, AWorkerAsksItsQueueAndTheStore) {
  PipelinePorts ports;
  ports.bus = std::make_unique<FaultyEventBus>(*bus_, broken_);
  Status ready = CheckReady(ports, {"indexing"});
  ASSERT_FALSE(ready.has_value());
  EXPECT_THAT(ready.error().message, HasSubstr("the event bus"));
  ASSERT_TRUE(bus_->EnsureSubscription({.name = "indexing"}));
  FaultPlan sound;
  ports.bus = std::make_unique<FaultyEventBus>(*bus_, sound);
  EXPECT_TRUE(CheckReady(ports, {"indexing"}).has_value());
  ports.store = std::make_unique<FaultyBlobStore>(*store_, broken_);
  ready = CheckReady(ports, {"indexing"});
  ASSERT_FALSE(ready.has_value());
  EXPECT_THAT(ready.error().message, HasSubstr("the blob store"));
  ports.store = std::make_unique<FaultyBlobStore>(*store_, sound);
  EXPECT_TRUE(CheckReady(ports, {"indexing"}).has_value());
}

}  // namespace
}  // namespace seshat::composition
