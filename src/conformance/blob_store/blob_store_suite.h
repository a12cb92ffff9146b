// The executable contract of BlobStore, for every adapter. A new adapter's test is this main and a harness:
//
//   class MyHarness : public seshat::conformance::BlobStoreHarness { … };
//   int main(int argc, char** argv) {
//     ::testing::InitGoogleTest(&argc, argv);
//     seshat::conformance::RegisterBlobStoreSuite("mine", [] { return std::make_unique<MyHarness>(); });
//     return RUN_ALL_TESTS();
//   }
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "conformance/suite.h"
#include "core/records/blob_key.h"
#include "ports/blob_store.h"

namespace seshat::conformance {

// One empty store, and ways to look at it from outside.
class BlobStoreHarness {
 public:
  virtual ~BlobStoreHarness() = default;

  // A store over the data of this harness; each is what a new process would open. Never null.
  virtual std::unique_ptr<BlobStore> Open(BlobAccess access) = 0;
  // A resumable put of a body of several times this size has several states. At most 8 MiB.
  virtual uint64_t part_bytes() const = 0;
  // Whether the store computes every body's digest itself (a store may rely on PutRequest::sha256).
  virtual bool computes_sha256() const { return true; }

  // Whether one of several writers at the same moment wins. A server that looks whether the key is taken and then
  // writes lets two of them win; there the suite's writers take turns.
  virtual bool decides_races() const { return true; }

  // A key's segment may have so many bytes; a server that keeps objects as files has less than S3.
  virtual size_t longest_segment() const { return BlobKey::kMaxBytes; }

  // What cannot be staged answers false.
  virtual bool LoseNextAnswer() { return false; }                 // of a put that takes effect
  virtual bool Archive(const BlobKey& /*key*/) { return false; }  // as time would
  virtual bool FinishRestores() { return false; }                 // as hours would
};

std::span<const Case<BlobStoreHarness>> BlobStoreCases();

void RegisterBlobStoreSuite(const std::string& adapter, Factory<BlobStoreHarness> factory);

}  // namespace seshat::conformance
