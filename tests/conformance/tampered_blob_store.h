// A blob store that is wrong in one way: a memory store with hooks between it and its user.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "adapters/memory_blob_store/memory_harness.h"

namespace seshat::testing {

// Every hook is optional; what has none is passed on untouched.
struct BlobTampering {
  std::function<void(PutRequest&)> put_request;
  // With the request as the user gave it.
  std::function<void(const PutRequest&, Result<PutOutcome>&)> put_outcome;
  std::function<void(GetRequest&)> get_request;
  std::function<void(Result<BlobInfo>&)> get_outcome;
  std::function<std::optional<Result<BlobInfo>>(BlobStore&, const BlobKey&)> stat;
  std::function<Result<ListPage>(BlobStore&, const ListOptions&)> list;
  std::function<Status(BlobStore&, const BlobKey&)> restore;
  std::function<Status(BlobStore&, const BlobKey&, std::string_view)> abandon;
  std::function<std::string(const BlobKey&)> url;
  std::function<void(BlobStore::Capabilities&)> capabilities;
  std::function<BlobKey(const BlobKey&)> key;
  std::function<BlobAccess(BlobAccess)> access;
  bool ignores_stop = false;
  bool answers_twice = false;
  bool answers_unasked = false;
  bool ends_at_error = false;
  bool never_asks_again = false;  // after the first answer
  bool foreign_thread = false;
  bool forgets_at_restart = false;
};

class TamperedHarness : public MemoryBlobHarness {
 public:
  explicit TamperedHarness(BlobTampering tampering,
                           const memory_blob_store::MemoryBlobOptions& options = SmallMemoryBlobs())
      : MemoryBlobHarness(options), options_(options), tampering_(std::move(tampering)) {}
  std::unique_ptr<BlobStore> Open(BlobAccess access) override;

 private:
  memory_blob_store::MemoryBlobOptions options_;
  BlobTampering tampering_;
};

// Forwards, so that one hook can be put over one method.
class ForwardingSource : public BlobSource {
 public:
  explicit ForwardingSource(std::shared_ptr<BlobSource> inner) : inner_(std::move(inner)) {}
  uint64_t size() const override { return inner_->size(); }
  Status ReadAt(uint64_t offset, MutableByteSpan out) override { return inner_->ReadAt(offset, out); }
  Status CheckUnchanged() override { return inner_->CheckUnchanged(); }

 protected:
  BlobSource& inner() { return *inner_; }

 private:
  std::shared_ptr<BlobSource> inner_;
};

}  // namespace seshat::testing
