// Random corpora and random queries: the SQLite store answers exactly what the reference answers.
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "adapters/sqlite_metadata_store/sqlite_metadata_store.h"
#include "support/store_comparison.h"
#include "support/temp_dir.h"

namespace seshat {
namespace {

TEST(DifferentialTest, SqliteAnswersWhatTheReferenceAnswers) {
  std::vector<std::unique_ptr<testing::TempDir>> dirs;
  testing::CompareWithReference({.make_store = [&] {
    dirs.push_back(std::make_unique<testing::TempDir>());
    return MakeSqliteMetadataStore({*dirs.back() / "metadata.db"}).value();
  }});
}

}  // namespace
}  // namespace seshat
