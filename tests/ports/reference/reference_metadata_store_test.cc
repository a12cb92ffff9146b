// The MetadataStore suite on the memory store, and the suite's own proof on broken ones.
#include "ports/reference/reference_metadata_store.h"

#include <gtest/gtest.h>

#include <memory>

#include "conformance/metadata_store/metadata_store_suite.h"
#include "ports/reference/broken_metadata_stores.h"

namespace seshat::reference {
namespace {

class MemoryHarness : public conformance::MetadataStoreHarness {
 public:
  MetadataStore& store() override { return *store_; }

 private:
  std::unique_ptr<MetadataStore> store_ = MakeReferenceMetadataStore();
};

}  // namespace
}  // namespace seshat::reference

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  using seshat::conformance::MetadataStoreHarness;
  const auto cases = seshat::conformance::MetadataStoreCases();
  seshat::conformance::RegisterSuite<MetadataStoreHarness>(
      "MetadataStore", "memory", cases, [] { return std::make_unique<seshat::reference::MemoryHarness>(); });
  seshat::conformance::RegisterBrokenAdapters<MetadataStoreHarness>("MetadataStore", cases,
                                                                    seshat::testing::BrokenMetadataStores());
  return RUN_ALL_TESTS();
}
