#include "conformance/tampered_blob_store.h"

#include <map>
#include <thread>

namespace seshat::testing {
namespace {

template <typename FeedType, typename Request, typename Outcome>
class TamperedFeed : public FeedType {
 public:
  TamperedFeed(FeedType& inner, const BlobTampering& tampering) : inner_(inner), tampering_(tampering) {}

  std::optional<Request> Next() override {
    if (ended_) return std::nullopt;
    auto request = inner_.Next();
    if (!request) return request;
    const Request given = *request;
    if (tampering_.key) request->key = tampering_.key(request->key);
    if constexpr (std::is_same_v<Request, PutRequest>) {
      given_.emplace(given.tag, given);
      if (tampering_.put_request) tampering_.put_request(*request);
    } else if (tampering_.get_request) {
      tampering_.get_request(*request);
    }
    return request;
  }

  void Done(uint64_t tag, Result<Outcome> outcome) override {
    if (tampering_.never_asks_again || (tampering_.ends_at_error && !outcome)) ended_ = true;
    if constexpr (std::is_same_v<Request, PutRequest>) {
      if (tampering_.put_outcome) tampering_.put_outcome(given_.at(tag), outcome);
    } else if (tampering_.get_outcome) {
      tampering_.get_outcome(outcome);
    }
    if (tampering_.answers_twice) inner_.Done(tag, outcome);
    inner_.Done(tag, std::move(outcome));
  }

 private:
  FeedType& inner_;
  const BlobTampering& tampering_;
  std::map<uint64_t, Request> given_;
  bool ended_ = false;
};

class TamperedStore : public BlobStore {
 public:
  TamperedStore(std::unique_ptr<BlobStore> inner, const BlobTampering& tampering)
      : inner_(std::move(inner)), tampering_(tampering), capabilities_(inner_->capabilities()) {
    if (tampering_.capabilities) tampering_.capabilities(capabilities_);
  }

  const Capabilities& capabilities() const override { return capabilities_; }
  void PutAll(PutFeed& feed, std::stop_token stop) override {
    TamperedFeed<PutFeed, PutRequest, PutOutcome> tampered(feed, tampering_);
    Run([&] { inner_->PutAll(tampered, tampering_.ignores_stop ? std::stop_token() : stop); });
    if (tampering_.answers_unasked) feed.Done(0, PutOutcome{});
  }
  void GetAll(GetFeed& feed, std::stop_token stop) override {
    TamperedFeed<GetFeed, GetRequest, BlobInfo> tampered(feed, tampering_);
    Run([&] { inner_->GetAll(tampered, tampering_.ignores_stop ? std::stop_token() : stop); });
    if (tampering_.answers_unasked) feed.Done(0, BlobInfo{});
  }
  Status Abandon(const BlobKey& key, std::string_view state) override {
    return tampering_.abandon ? tampering_.abandon(*inner_, key, state) : inner_->Abandon(key, state);
  }
  Result<BlobInfo> Stat(const BlobKey& key) override {
    if (tampering_.stat)
      if (auto answer = tampering_.stat(*inner_, key)) return *std::move(answer);
    return inner_->Stat(tampering_.key ? tampering_.key(key) : key);
  }
  Result<ListPage> List(const ListOptions& options) override {
    return tampering_.list ? tampering_.list(*inner_, options) : inner_->List(options);
  }
  Status Restore(const BlobKey& key, const RestoreOptions& options) override {
    return tampering_.restore ? tampering_.restore(*inner_, key) : inner_->Restore(key, options);
  }
  std::string Url(const BlobKey& key) const override { return tampering_.url ? tampering_.url(key) : inner_->Url(key); }

 private:
  void Run(const std::function<void()>& work) const {
    if (tampering_.foreign_thread) {
      std::jthread(work).join();
    } else {
      work();
    }
  }

  std::unique_ptr<BlobStore> inner_;
  const BlobTampering& tampering_;
  Capabilities capabilities_;
};

}  // namespace

std::unique_ptr<BlobStore> TamperedHarness::Open(BlobAccess access) {
  const BlobAccess opened = tampering_.access ? tampering_.access(access) : access;
  auto inner = tampering_.forgets_at_restart ? memory_blob_store::MakeMemoryBlobStore(
                                                   std::make_shared<memory_blob_store::MemoryBlobs>(options_), opened)
                                             : MemoryBlobHarness::Open(opened);
  return std::make_unique<TamperedStore>(std::move(inner), tampering_);
}

}  // namespace seshat::testing
