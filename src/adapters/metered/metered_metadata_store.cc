#include "adapters/metered/call_meter.h"
#include "adapters/metered/metered.h"

namespace seshat::metered {
namespace {

constexpr metered::PortMetrics kMetadata{
    {MetricSpec::Kind::kCounter, "seshat_metadata_calls_total", "Metadata store operations."},
    {MetricSpec::Kind::kHistogram, "seshat_metadata_seconds", "How long metadata store operations took."}};

class MeteredMetadataStore : public MetadataStore {
 public:
  MeteredMetadataStore(std::unique_ptr<MetadataStore> inner, Metrics& metrics)
      : inner_(std::move(inner)), meter_(metrics, kMetadata) {}

  const Capabilities& capabilities() const override { return inner_->capabilities(); }
  Status Upsert(std::span<const SessionDocument> documents) override {
    return meter_.Run("upsert", [&] { return inner_->Upsert(documents); });
  }
  Result<SessionDocument> Get(std::string_view session_id) override {
    return meter_.Run("get", [&] { return inner_->Get(session_id); });
  }
  Result<SearchPage> Search(const SearchRequest& request) override {
    return meter_.Run("search", [&] { return inner_->Search(request); });
  }
  Result<std::vector<FieldInfo>> Fields(const FieldsOptions& options) override {
    return meter_.Run("fields", [&] { return inner_->Fields(options); });
  }
  Result<IndexStatus> GetStatus() override {
    return meter_.Run("status", [&] { return inner_->GetStatus(); });
  }
  Result<std::string> BeginRebuild() override {
    return meter_.Run("begin_rebuild", [&] { return inner_->BeginRebuild(); });
  }
  Status FinishRebuild(std::string_view token) override {
    return meter_.Run("finish_rebuild", [&] { return inner_->FinishRebuild(token); });
  }

 private:
  std::unique_ptr<MetadataStore> inner_;
  metered::CallMeter meter_;
};

}  // namespace

std::unique_ptr<MetadataStore> Metered(std::unique_ptr<MetadataStore> inner, Metrics& metrics) {
  return std::make_unique<MeteredMetadataStore>(std::move(inner), metrics);
}

}  // namespace seshat::metered
