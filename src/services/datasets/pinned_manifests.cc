#include "services/datasets/pinned_manifests.h"

#include <fmt/format.h>

#include <map>
#include <memory>
#include <utility>

#include "core/base/bytes.h"
#include "core/records/blob_key.h"
#include "ports/blob_transfer.h"

namespace seshat::datasets {
namespace {

// A manifest of a million files with long names stays below this.
constexpr uint64_t kMaxManifestBytes = 1ULL << 30;

Result<ReadManifest> Check(const PinnedManifest& pinned, const std::string& text) {
  ReadManifest read{.sha256 = Sha256::Of(AsBytes(text))};
  if (pinned.sha256 && read.sha256 != *pinned.sha256)
    return Fail(ErrorCode::kDataLoss, fmt::format("{} is not what it was: its SHA-256 is {}, and must be {}",
                                                  pinned.key, read.sha256.ToHex(), pinned.sha256->ToHex()));
  auto manifest = records::DecodeManifest(text);
  if (!manifest) return std::unexpected(std::move(manifest.error()).WithContext(pinned.key));
  if (manifest->session_id != pinned.session_id || manifest->revision != pinned.revision)
    return Fail(ErrorCode::kDataLoss,
                fmt::format("{} is revision {} of session '{}'", pinned.key, manifest->revision, manifest->session_id));
  read.manifest = std::move(*manifest);
  return read;
}

class ManifestFeed : public GetFeed {
 public:
  using Each = std::function<void(size_t, Result<ReadManifest>)>;
  ManifestFeed(const std::vector<PinnedManifest>& wanted, const Each& each) : wanted_(wanted), each_(each) {}

  std::optional<GetRequest> Next() override {
    while (next_ < wanted_.size()) {
      const size_t index = next_++;
      auto key = BlobKey::Parse(wanted_[index].key);
      if (!key) {
        each_(index, std::unexpected(std::move(key.error())));
        continue;
      }
      auto sink = std::make_shared<MemorySink>(kMaxManifestBytes);
      sinks_.emplace(index, sink);
      return GetRequest{.key = *std::move(key), .sink = std::move(sink), .tag = index};
    }
    return std::nullopt;
  }

  void Done(uint64_t tag, Result<BlobInfo> outcome) override {
    const auto node = sinks_.extract(tag);
    if (!outcome) return each_(tag, std::unexpected(std::move(outcome.error()).WithContext(wanted_[tag].key)));
    each_(tag, Check(wanted_[tag], node.mapped()->Take()));
  }

  // Those that were never begun.
  void CancelRest() {
    for (; next_ < wanted_.size(); ++next_)
      each_(next_, Fail(ErrorCode::kCancelled, "stopped before all manifests were read"));
  }

 private:
  const std::vector<PinnedManifest>& wanted_;
  const Each& each_;
  size_t next_ = 0;
  std::map<uint64_t, std::shared_ptr<MemorySink>> sinks_;
};

}  // namespace

void ReadManifests(BlobStore& store, const std::vector<PinnedManifest>& wanted,
                   const std::function<void(size_t, Result<ReadManifest>)>& each, std::stop_token stop) {
  ManifestFeed feed(wanted, each);
  store.GetAll(feed, std::move(stop));
  feed.CancelRest();
}

}  // namespace seshat::datasets
