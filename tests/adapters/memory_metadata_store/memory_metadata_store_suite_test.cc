// The MetadataStore suite on the memory store, and the suite's own proof on broken ones.
#include <gtest/gtest.h>

#include <memory>

#include "adapters/memory_metadata_store/broken_metadata_stores.h"
#include "adapters/memory_metadata_store/memory_metadata_store.h"
#include "conformance/metadata_store_suite.h"

namespace seshat {
namespace {

class MemoryHarness : public conformance::MetadataStoreHarness {
 public:
  MetadataStore& store() override { return *store_; }

 private:
  std::unique_ptr<MetadataStore> store_ = MakeMemoryMetadataStore();
};

}  // namespace
}  // namespace seshat

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  using seshat::conformance::MetadataStoreHarness;
  const auto cases = seshat::conformance::MetadataStoreCases();
  seshat::conformance::RegisterSuite<MetadataStoreHarness>(
      "MetadataStore", "memory", cases, [] { return std::make_unique<seshat::MemoryHarness>(); });
  seshat::conformance::RegisterBrokenAdapters<MetadataStoreHarness>("MetadataStore", cases,
                                                                    seshat::testing::BrokenMetadataStores());
  return RUN_ALL_TESTS();
}
