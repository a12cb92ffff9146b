// Random corpora and random queries: OpenSearch answers exactly what the reference answers.
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "opensearch_lab.h"
#include "support/engines.h"
#include "support/store_comparison.h"

namespace seshat::opensearch {
namespace {

TEST(DifferentialTest, OpenSearchAnswersWhatTheReferenceAnswers) {
  const auto url = testing::EngineUrl("SESHAT_ENGINE_OPENSEARCH", "MetadataStore/opensearch");
  if (!url) GTEST_SKIP() << "there is no OpenSearch";
  // A store ends before the lab that made it.
  std::unique_ptr<testing::OpenSearchLab> lab;
  testing::CompareWithReference({.make_store =
                                     [&] {
                                       lab = std::make_unique<testing::OpenSearchLab>(*url);
                                       return lab->Open();
                                     },
                                 .corpora = 20});
}

}  // namespace
}  // namespace seshat::opensearch
