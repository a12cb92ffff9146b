// Random operations on the file store and on the memory store, against a std::map.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "adapters/file_store/file_harness.h"
#include "adapters/file_store/memory_dir.h"
#include "adapters/memory_blob_store/memory_harness.h"
#include "conformance/blob_store/blob_store_probes.h"

namespace seshat::testing {
namespace {

using conformance::CodeOf;
using conformance::Key;
using conformance::ReadBack;

using Model = std::map<std::string, std::string>;

std::string ExpectedCode(const Model& model, const std::string& key) {
  if (model.contains(key)) return "already_exists";
  for (const auto& [other, bytes] : model)
    if (other.starts_with(key + "/") || key.starts_with(other + "/")) return "invalid_argument";
  return "ok";
}

std::string AnyKey() {
  const auto parts = *rc::gen::container<std::vector<std::string>>(
      *rc::gen::inRange(1, 4),
      rc::gen::elementOf(std::vector<std::string>{"a", "b", "a.b", "a-", "c d", std::string(300, 'x')}));
  std::string key;
  for (const auto& part : parts) key += (key.empty() ? "" : "/") + part;
  return key;
}

void Put(BlobStore& store, Model& model) {
  const std::string key = AnyKey();
  const std::string bytes = conformance::Pattern(*rc::gen::inRange(0, 2000), *rc::gen::inRange(1, 100));
  const bool changed = *rc::gen::inRange(0, 5) == 0;
  const auto body = std::make_shared<conformance::ProbeSource>(bytes);
  if (changed) body->on_check = [] { return Fail(ErrorCode::kSourceChanged, "changed"); };
  conformance::ProbeJournal journal;
  const bool resumable = *rc::gen::arbitrary<bool>();
  const std::string code =
      CodeOf(PutOne(store, {.key = Key(key), .body = body, .journal = resumable ? &journal : nullptr}));
  if (changed) {
    RC_ASSERT(code == "source_changed");
    return;
  }
  RC_ASSERT(code == ExpectedCode(model, key));
  if (code == "ok") model[key] = bytes;
}

void ExpectSame(BlobStore& store, const Model& model) {
  std::vector<std::string> keys;
  for (const auto& [key, bytes] : model) {
    keys.push_back(key);
    RC_ASSERT(ReadBack(store, Key(key)) == bytes);
  }
  const auto limit = static_cast<size_t>(*rc::gen::inRange(1, 8));
  const auto all = conformance::ListAll(store, {.limit = limit});
  RC_ASSERT(all.has_value());
  RC_ASSERT(all->keys == keys);
  RC_ASSERT(all->well_formed);
  const std::string missing = AnyKey();
  if (!model.contains(missing)) RC_ASSERT(ReadBack(store, Key(missing)) == "<not_found>");
}

void RunRandomly(const std::function<std::unique_ptr<BlobStore>()>& open) {
  Model model;
  auto store = open();
  for (int i = *rc::gen::inRange(1, 25); i > 0; --i) {
    Put(*store, model);
    if (*rc::gen::inRange(0, 6) == 0) store = open();
  }
  ExpectSame(*store, model);
}

RC_GTEST_PROP(FileStoreModel, BehavesLikeAMap, ()) {
  const MemoryDir dir;
  RunRandomly([&] { return file_store::MakeFileBlobStore({.root = dir / "store", .part_bytes = 500}).value(); });
}

RC_GTEST_PROP(MemoryStoreModel, BehavesLikeAMap, ()) {
  memory_blob_store::MemoryBlobOptions options;
  options.capabilities.nested_keys = false;
  options.part_bytes = 500;
  MemoryBlobHarness harness(options);
  RunRandomly([&] { return harness.Open(BlobAccess::kReadWrite); });
}

}  // namespace
}  // namespace seshat::testing
