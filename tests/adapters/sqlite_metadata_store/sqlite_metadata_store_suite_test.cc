// The MetadataStore suite on the SQLite store.
#include <gtest/gtest.h>

#include <memory>

#include "adapters/sqlite_metadata_store/sqlite_metadata_store.h"
#include "conformance/metadata_store/metadata_store_suite.h"
#include "support/temp_dir.h"

namespace seshat::sqlite_metadata_store {
namespace {

class SqliteHarness : public conformance::MetadataStoreHarness {
 public:
  SqliteHarness() { Open(); }
  MetadataStore& store() override { return *store_; }
  bool Restart() override {
    store_.reset();
    Open();
    return true;
  }

 private:
  void Open() { store_ = MakeSqliteMetadataStore({dir_ / "metadata.db"}).value(); }

  testing::TempDir dir_;
  std::unique_ptr<MetadataStore> store_;
};

}  // namespace
}  // namespace seshat::sqlite_metadata_store

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  seshat::conformance::RegisterSuite<seshat::conformance::MetadataStoreHarness>(
      "MetadataStore", "sqlite", seshat::conformance::MetadataStoreCases(),
      [] { return std::make_unique<seshat::sqlite_metadata_store::SqliteHarness>(); });
  return RUN_ALL_TESTS();
}
