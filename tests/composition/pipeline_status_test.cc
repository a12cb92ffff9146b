// What /readyz may look at: an agent by itself nothing that it could not read with its credential.
#include "composition/pipeline_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/memory_blob_store/memory_blob_store.h"
#include "adapters/memory_event_bus/memory_event_bus.h"
#include "adapters/memory_journal/memory_journal.h"
#include "platform/http_server/raw_client.h"
#include "support/fakes.h"
#include "support/faulty_ports.h"

namespace seshat::composition {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using testing::FaultPlan;
using testing::FaultyBlobStore;
using testing::FaultyEventBus;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

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

TEST_F(PipelineStatusTest, ThoseWhoWatchAreAnswered) {
  const LoadedConfig loaded =
      LoadConfig({.flags = {{"observability.host_names", "rig1.lab", "--set"}}, .working_directory = "/nowhere"});
  ASSERT_TRUE(loaded.problems.empty()) << loaded.problems.front().ToString();
  const auto foundation = MakeFoundation(loaded.config, {}, {});
  ASSERT_TRUE(foundation) << foundation.error().ToString();
  PipelinePorts ports = AgentPorts();
  JournalChange change;
  change.sources.push_back({.source = "", .problem = "the bucket refuses"});
  ASSERT_TRUE(ports.journal->Apply(change));
  const auto served = ServePipelineStatus(loaded.config, *foundation, ports, {});
  ASSERT_TRUE(served) << served.error().ToString();
  const std::string address = (*served)->address();
  const auto get = [&](const std::string& path) { return http_server::Get(address, path); };
  EXPECT_THAT(get("/livez"), AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("\r\n\r\nok\n")));
  EXPECT_THAT(get("/readyz"),
              AllOf(StartsWith("HTTP/1.1 503 "), EndsWith("\r\n\r\nuploads pause: the bucket refuses\n")));
  EXPECT_THAT(get("/metrics?x=1"),
              AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr("text/plain; version=0.0.4; charset=utf-8"),
                    HasSubstr("Cache-Control: no-store"), HasSubstr("seshat_info{version=\"")));
  EXPECT_THAT(get("/../etc/passwd"),
              AllOf(StartsWith("HTTP/1.1 404 "), EndsWith("\r\n\r\nthere is /metrics, /livez and /readyz\n")));
  const auto ask = [&](const std::string& line, const std::string& host) {
    return http_server::Ask(address, line + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
  };
  EXPECT_THAT(ask("POST /livez", "localhost"), AllOf(StartsWith("HTTP/1.1 405 "), HasSubstr("Allow: GET, HEAD"),
                                                     EndsWith("\r\n\r\nonly GET and HEAD\n")));
  EXPECT_THAT(ask("HEAD /livez", "localhost"), AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("\r\n\r\n")));
  EXPECT_THAT(ask("GET /metrics", "rig1.lab"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(ask("GET /metrics", HostName(loaded.config)), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(ask("GET /metrics", "evil.example"), AllOf(StartsWith("HTTP/1.1 421 "), Not(HasSubstr("seshat_info"))));
}

}  // namespace
}  // namespace seshat::composition
