#pragma once

#include <memory>
#include <stdexcept>

#include "adapters/file_store/file_store.h"
#include "conformance/blob_store/blob_store_suite.h"
#include "support/temp_dir.h"

namespace seshat::testing {

class FileStoreHarness : public conformance::BlobStoreHarness {
 public:
  static constexpr uint64_t kPartBytes = 256 * 1024;

  std::unique_ptr<BlobStore> Open(BlobAccess access) override {
    auto store = file_store::MakeFileBlobStore({.root = dir_ / "store", .access = access, .part_bytes = kPartBytes});
    if (!store) throw std::runtime_error(store.error().ToString());
    return *std::move(store);
  }
  uint64_t part_bytes() const override { return kPartBytes; }

 private:
  TempDir dir_;
};

}  // namespace seshat::testing
