#include "adapters/metered/call_meter.h"
#include "adapters/metered/metered.h"

namespace seshat::metered {
namespace {

using metered::CallMeter;

constexpr metered::PortMetrics kStore{
    {MetricSpec::Kind::kCounter, "seshat_store_calls_total", "Blob store operations, one for each object."},
    {MetricSpec::Kind::kHistogram, "seshat_store_seconds", "How long blob store operations took."}};
constexpr MetricSpec kBytes{MetricSpec::Kind::kCounter, "seshat_store_bytes_total",
                            "Bytes of objects stored and read."};

// The outcome of each object is known in Done only, so the feed is what gets wrapped.
class MeteredPuts : public PutFeed {
 public:
  MeteredPuts(PutFeed& inner, CallMeter& meter) : inner_(inner), meter_(meter) {}
  std::optional<PutRequest> Next() override { return inner_.Next(); }
  void Done(uint64_t tag, Result<PutOutcome> outcome) override {
    meter_.Count("put", outcome ? "ok" : ErrorCodeName(outcome.error().code));
    if (outcome) meter_.metrics().Record(kBytes, static_cast<double>(outcome->size), {{"operation", "put"}});
    inner_.Done(tag, std::move(outcome));
  }

 private:
  PutFeed& inner_;
  CallMeter& meter_;
};

class CountingSink : public BlobSink {
 public:
  CountingSink(std::shared_ptr<BlobSink> inner, Metrics& metrics) : inner_(std::move(inner)), metrics_(metrics) {}
  Status WriteAt(uint64_t offset, ByteSpan data) override {
    metrics_.Record(kBytes, static_cast<double>(data.size()), {{"operation", "get"}});
    return inner_->WriteAt(offset, data);
  }

 private:
  std::shared_ptr<BlobSink> inner_;
  Metrics& metrics_;
};

class MeteredGets : public GetFeed {
 public:
  MeteredGets(GetFeed& inner, CallMeter& meter) : inner_(inner), meter_(meter) {}
  std::optional<GetRequest> Next() override {
    auto request = inner_.Next();
    if (request && request->sink)
      request->sink = std::make_shared<CountingSink>(std::move(request->sink), meter_.metrics());
    return request;
  }
  void Done(uint64_t tag, Result<BlobInfo> outcome) override {
    meter_.Count("get", outcome ? "ok" : ErrorCodeName(outcome.error().code));
    inner_.Done(tag, std::move(outcome));
  }

 private:
  GetFeed& inner_;
  CallMeter& meter_;
};

class MeteredBlobStore : public BlobStore {
 public:
  MeteredBlobStore(std::unique_ptr<BlobStore> inner, Metrics& metrics)
      : inner_(std::move(inner)), meter_(metrics, kStore) {}

  const Capabilities& capabilities() const override { return inner_->capabilities(); }
  void PutAll(PutFeed& feed, std::stop_token stop) override {
    MeteredPuts metered(feed, meter_);
    inner_->PutAll(metered, std::move(stop));
  }
  Status Abandon(const BlobKey& key, std::string_view resume_state) override {
    return meter_.Run("abandon", [&] { return inner_->Abandon(key, resume_state); });
  }
  void GetAll(GetFeed& feed, std::stop_token stop) override {
    MeteredGets metered(feed, meter_);
    inner_->GetAll(metered, std::move(stop));
  }
  Result<BlobInfo> Stat(const BlobKey& key) override {
    return meter_.Run("stat", [&] { return inner_->Stat(key); });
  }
  Result<ListPage> List(const ListOptions& options) override {
    return meter_.Run("list", [&] { return inner_->List(options); });
  }
  Status Restore(const BlobKey& key, const RestoreOptions& options) override {
    return meter_.Run("restore", [&] { return inner_->Restore(key, options); });
  }
  std::string Url(const BlobKey& key) const override { return inner_->Url(key); }

 private:
  std::unique_ptr<BlobStore> inner_;
  CallMeter meter_;
};

}  // namespace

std::unique_ptr<BlobStore> Metered(std::unique_ptr<BlobStore> inner, Metrics& metrics) {
  return std::make_unique<MeteredBlobStore>(std::move(inner), metrics);
}

}  // namespace seshat::metered
