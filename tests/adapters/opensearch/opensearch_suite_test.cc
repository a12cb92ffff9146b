// The MetadataStore suite on a real OpenSearch.
#include <gtest/gtest.h>

#include <memory>

#include "conformance/metadata_store/metadata_store_suite.h"
#include "opensearch_lab.h"
#include "support/engines.h"

namespace seshat::opensearch {
namespace {

class OpenSearchHarness : public conformance::MetadataStoreHarness {
 public:
  explicit OpenSearchHarness(const std::string& url) : lab_(url), store_(lab_.Open()) {}
  MetadataStore& store() override { return *store_; }
  bool Restart() override {
    store_ = lab_.Open();
    return true;
  }

 private:
  testing::OpenSearchLab lab_;
  std::unique_ptr<MetadataStore> store_;
};

}  // namespace
}  // namespace seshat::opensearch

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (const auto url = seshat::testing::EngineUrl("SESHAT_ENGINE_OPENSEARCH", "MetadataStore/opensearch"))
    seshat::conformance::RegisterSuite<seshat::conformance::MetadataStoreHarness>(
        "MetadataStore", "opensearch", seshat::conformance::MetadataStoreCases(),
        [url] { return std::make_unique<seshat::opensearch::OpenSearchHarness>(*url); });
  return RUN_ALL_TESTS();
}
