// A metered port behaves as the port does, so it goes through the same suites; and it counts.
#include "adapters/metered/metered.h"

#include <gtest/gtest.h>

#include "adapters/memory_blob_store/memory_harness.h"
#include "conformance/blob_store/blob_store_suite.h"
#include "conformance/metadata_store/metadata_store_suite.h"
#include "ports/blob_transfer.h"
#include "ports/reference/reference_metadata_store.h"
#include "support/event_bus_harnesses.h"
#include "support/fakes.h"

namespace seshat::metered {
namespace {

using testing::MemoryMetrics;

class MeteredBlobs : public testing::MemoryBlobHarness {
 public:
  std::unique_ptr<BlobStore> Open(BlobAccess access) override {
    return Metered(MemoryBlobHarness::Open(access), metrics_);
  }

 private:
  MemoryMetrics metrics_;
};

class MeteredBus : public testing::MemoryBusHarness {
 public:
  MeteredBus() { bus_ = Metered(std::move(bus_), metrics_); }
  ~MeteredBus() override { bus_.reset(); }

 private:
  MemoryMetrics metrics_;
};

class MeteredIndex : public conformance::MetadataStoreHarness {
 public:
  MetadataStore& store() override { return *store_; }

 private:
  MemoryMetrics metrics_;
  std::unique_ptr<MetadataStore> store_ = Metered(reference::MakeReferenceMetadataStore(), metrics_);
};

TEST(MeteredBlobStore, CountsObjectsBytesAndErrors) {
  MemoryMetrics metrics;
  testing::MemoryBlobHarness harness;
  const auto store = Metered(harness.Open(BlobAccess::kReadWrite), metrics);
  const BlobKey key = BlobKey::Parse("a/b").value();
  ASSERT_TRUE(PutBytes(*store, key, "12345"));
  EXPECT_EQ(PutBytes(*store, key, "other").error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(GetBytes(*store, key, 100), "12345");
  EXPECT_EQ(store->Stat(BlobKey::Parse("nothing").value()).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(metrics.Sum("seshat_store_calls_total"), 4);
  EXPECT_EQ(metrics.Sum("seshat_store_bytes_total"), 10);
}

TEST(MeteredEventBus, CountsCallsAndEvents) {
  MemoryMetrics metrics;
  testing::ManualClock clock;
  const auto bus = Metered(memory_event_bus::MakeMemoryEventBus(clock), metrics);
  ASSERT_TRUE(bus->EnsureSubscription({.name = "all"}));
  const Event events[]{{.id = "1", .type = "T", .source = "s", .data = "{}"},
                       {.id = "2", .type = "T", .source = "s", .data = "{}"}};
  ASSERT_TRUE(bus->Publish(events));
  const auto received = bus->Receive("all", {.wait = std::chrono::milliseconds(0)}, {});
  ASSERT_TRUE(received);
  EXPECT_FALSE(bus->Stats("nobody"));
  EXPECT_EQ(metrics.Sum("seshat_bus_calls_total"), 4);
  EXPECT_EQ(metrics.Sum("seshat_bus_events_total"), 2 + static_cast<double>(received->size()));
}

TEST(MeteredMetadataStore, CountsCalls) {
  MemoryMetrics metrics;
  const auto store = Metered(reference::MakeReferenceMetadataStore(), metrics);
  EXPECT_TRUE(store->Fields({}));
  EXPECT_FALSE(store->Get("nobody"));
  EXPECT_EQ(metrics.Sum("seshat_metadata_calls_total"), 2);
}

}  // namespace
}  // namespace seshat::metered

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  using seshat::conformance::MetadataStoreHarness;
  seshat::conformance::RegisterBlobStoreSuite("metered",
                                              [] { return std::make_unique<seshat::metered::MeteredBlobs>(); });
  seshat::conformance::RegisterEventBusSuite("metered", [] { return std::make_unique<seshat::metered::MeteredBus>(); });
  seshat::conformance::RegisterSuite<MetadataStoreHarness>(
      "MetadataStore", "metered", seshat::conformance::MetadataStoreCases(),
      [] { return std::make_unique<seshat::metered::MeteredIndex>(); });
  return RUN_ALL_TESTS();
}
