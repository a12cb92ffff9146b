#include "services/catalog/session_storage.h"

#include <gtest/gtest.h>

#include <memory>

#include "adapters/memory_blob_store/memory_blob_store.h"
#include "ports/blob_transfer.h"

namespace seshat::catalog {
namespace {

TEST(SessionStorage, TellsEveryStateOfAnObject) {
  const auto blobs = std::make_shared<memory_blob_store::MemoryBlobs>();
  const auto store = memory_blob_store::MakeMemoryBlobStore(blobs);
  SessionDocument document;
  document.session_id = "s";
  document.manifest_key = "s/manifests/000001.json";
  for (const char* name : {"readable", "archived", "restoring", "restored", "missing"}) {
    const std::string key = std::string("s/raw/") + name;
    document.files.push_back({.path = name, .key = key});
    if (key.ends_with("missing")) continue;
    const auto parsed = BlobKey::Parse(key);
    ASSERT_TRUE(PutBytes(*store, *parsed, "abc"));
    if (key.ends_with("readable")) continue;
    ASSERT_TRUE(blobs->Archive(*parsed));
  }
  ASSERT_TRUE(store->Restore(*BlobKey::Parse("s/raw/restored"), {}));
  blobs->FinishRestores();
  ASSERT_TRUE(store->Restore(*BlobKey::Parse("s/raw/restoring"), {}));

  const SessionStorage storage = LookAtStorage(*store, document);
  for (const FileDocument& file : document.files)
    EXPECT_EQ(StorageStateName(storage.Of(file.key).state), file.path) << file.key;
  EXPECT_EQ(storage.Of(document.manifest_key).state, StorageState::kMissing);
  EXPECT_EQ(storage.Of("s/raw/readable").url, store->Url(*BlobKey::Parse("s/raw/readable")));
  EXPECT_EQ(storage.Of("other").state, StorageState::kUnknown);
  EXPECT_EQ(storage.Of("other").url, "");
}

TEST(SessionStorage, WhatIsNoKeyHasNoPlace) {
  const auto store = memory_blob_store::MakeMemoryBlobStore(std::make_shared<memory_blob_store::MemoryBlobs>());
  SessionDocument document;
  document.session_id = "s";
  document.files.push_back({.path = "a", .key = "../../etc/passwd"});
  const SessionStorage storage = LookAtStorage(*store, document);
  EXPECT_EQ(storage.Of("../../etc/passwd").url, "");
  EXPECT_EQ(storage.Of("../../etc/passwd").state, StorageState::kMissing);
}

}  // namespace
}  // namespace seshat::catalog
