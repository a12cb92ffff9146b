// A blob store that reads every body, checks what it is told of it, and keeps nothing: for what the agent itself
// costs. It cannot tell that a key is taken.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/digest/sha256.h"
#include "ports/blob_store.h"

namespace seshat::testing {

class DiscardingBlobStore : public BlobStore {
 public:
  const Capabilities& capabilities() const override { return capabilities_; }

  void PutAll(PutFeed& feed, std::stop_token stop) override {
    while (!stop.stop_requested()) {
      auto request = feed.Next();
      if (!request) return;
      auto outcome = Put(*request);
      feed.Done(request->tag, std::move(outcome));
    }
  }
  Status Abandon(const BlobKey&, std::string_view) override { return {}; }
  void GetAll(GetFeed& feed, std::stop_token) override {
    while (auto request = feed.Next()) feed.Done(request->tag, Refused());
  }
  Result<BlobInfo> Stat(const BlobKey&) override { return Refused(); }
  Result<ListPage> List(const ListOptions&) override { return Refused(); }
  Status Restore(const BlobKey&, const RestoreOptions&) override { return Refused(); }
  std::string Url(const BlobKey& key) const override { return "nowhere:///" + key.value(); }

  uint64_t puts() const { return puts_; }
  uint64_t bytes() const { return bytes_; }

 private:
  static std::unexpected<Error> Refused() { return Fail(ErrorCode::kPermissionDenied, "this store keeps nothing"); }

  Result<PutOutcome> Put(PutRequest& request) {
    BlobSource& body = *request.body;
    Sha256Hasher hasher;
    for (uint64_t offset = 0; offset < body.size();) {
      const auto part = std::span(block_).first(std::min<uint64_t>(block_.size(), body.size() - offset));
      SESHAT_TRY(body.ReadAt(offset, part));
      hasher.Update(part);
      offset += part.size();
    }
    SESHAT_TRY(body.CheckUnchanged());
    PutOutcome outcome{.sha256 = hasher.Finish(), .size = body.size()};
    if (request.sha256 && *request.sha256 != outcome.sha256)
      return Fail(ErrorCode::kDataLoss, "the body has another digest");
    if (request.journal != nullptr) SESHAT_TRY(request.journal->SaveDigest(outcome.sha256));
    ++puts_;
    bytes_ += outcome.size;
    return outcome;
  }

  Capabilities capabilities_;
  std::vector<std::byte> block_ = std::vector<std::byte>(1 << 20);
  uint64_t puts_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace seshat::testing
