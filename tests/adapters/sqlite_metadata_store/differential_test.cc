// Random corpora and random queries: the SQLite store answers exactly what the reference answers.
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "adapters/sqlite_metadata_store/sqlite_metadata_store.h"
#include "support/store_comparison.h"
#include "support/temp_dir.h"

namespace seshat::sqlite_metadata_store {
namespace {

class DifferentialTest : public ::testing::Test {
 protected:
  std::unique_ptr<MetadataStore> MakeStore(SqliteMetadataStoreOptions options = {}) {
    dirs_.push_back(std::make_unique<testing::TempDir>());
    options.path = *dirs_.back() / "metadata.db";
    return MakeSqliteMetadataStore(options).value();
  }

 private:
  std::vector<std::unique_ptr<testing::TempDir>> dirs_;
};

// 20,000 pairs of a corpus and a search.
TEST_F(DifferentialTest, SqliteAnswersWhatTheReferenceAnswers) {
  testing::CompareWithReference(
      {.make_store = [&] { return MakeStore(); }, .corpora = 160, .searches = 125, .in_parts = true});
}

// Enough sessions for every way to count and to sort.
TEST_F(DifferentialTest, WithHundredsOfSessions) {
  testing::CompareWithReference(
      {.make_store = [&] { return MakeStore(); }, .corpora = 3, .searches = 50, .sessions = 300, .in_parts = true});
}

TEST_F(DifferentialTest, WithEverySegmentInAFile) {
  testing::CompareWithReference(
      {.make_store = [&] { return MakeStore({.inline_bytes = 0}); }, .corpora = 5, .searches = 60, .in_parts = true});
}

}  // namespace
}  // namespace seshat::sqlite_metadata_store
