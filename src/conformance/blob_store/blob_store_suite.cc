#include "conformance/blob_store/blob_store_suite.h"

#include <vector>

#include "conformance/blob_store/blob_store_cases.h"

namespace seshat::conformance {

std::span<const Case<BlobStoreHarness>> BlobStoreCases() {
  static const auto* const cases = [] {
    auto* all = new std::vector<BlobStoreCase>;
    for (const auto part :
         {BlobPutCases(), BlobResumeCases(), BlobReadCases(), BlobListCases(), BlobFeedCases(), BlobCapabilityCases()})
      all->insert(all->end(), part.begin(), part.end());
    return all;
  }();
  return *cases;
}

void RegisterBlobStoreSuite(const std::string& adapter, Factory<BlobStoreHarness> factory) {
  RegisterSuite<BlobStoreHarness>("BlobStore", adapter, BlobStoreCases(), std::move(factory));
}

}  // namespace seshat::conformance
