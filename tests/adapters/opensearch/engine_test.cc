// What is OpenSearch's own, on a real one: first use by many, rebuilding under searches, large documents.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "conformance/metadata_store_cases.h"
#include "opensearch_lab.h"
#include "support/engines.h"

namespace seshat {
namespace {

using conformance::Session;

class EngineTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto url = testing::EngineUrl("SESHAT_ENGINE_OPENSEARCH", "MetadataStore/opensearch");
    if (!url) GTEST_SKIP() << "there is no OpenSearch";
    lab_ = std::make_unique<testing::OpenSearchLab>(*url);
    store_ = lab_->Open();
  }

  void Note(const Error& error) {
    const std::lock_guard lock(mutex_);
    errors_.push_back(error.ToString());
  }

  std::unique_ptr<testing::OpenSearchLab> lab_;
  std::unique_ptr<MetadataStore> store_;
  std::mutex mutex_;
  std::vector<std::string> errors_;
};

TEST_F(EngineTest, ManyBeginAtOnceOnAnEmptyCluster) {
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([this, i] {
        const auto store = lab_->Open();
        if (i % 2 == 0) {
          const auto page = store->Search({});
          if (!page) Note(page.error());
        } else {
          const SessionDocument document = Session(fmt::format("s{}", i), {});
          const auto stored = store->Upsert(std::span(&document, 1));
          if (!stored) Note(stored.error());
        }
      });
  }
  EXPECT_EQ(errors_, std::vector<std::string>{});
  EXPECT_EQ(conformance::Found(*store_, ""), "s1 s3");
}

}  // namespace
}  // namespace seshat
