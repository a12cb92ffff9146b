#include "composition/adapter_table.h"

#include <fmt/format.h>

#include <array>
#include <string>

#include "composition/open_aws.h"
#include "composition/open_local.h"
#include "composition/open_opensearch.h"

namespace seshat::composition {
namespace {

constexpr std::array kBlobStores{
    BlobStoreAdapter{"file", Place::kDirectory, OpenFileStore},
    BlobStoreAdapter{"s3", Place::kAws, OpenS3Store},
};

constexpr std::array kEventBuses{
    EventBusAdapter{"sqlite", Place::kDatabase, OpenSqliteBus},
    EventBusAdapter{"sns-sqs", Place::kAws, OpenSnsSqsBus},
};

constexpr std::array kMetadataStores{
    MetadataStoreAdapter{"sqlite", Place::kDatabase, OpenSqliteIndex},
    MetadataStoreAdapter{"opensearch+http", Place::kServer, OpenOpenSearch},
    MetadataStoreAdapter{"opensearch+https", Place::kServer, OpenOpenSearch},
};

template <typename Adapter>
Result<ChosenAdapter<Adapter>> Choose(const Config& config, std::string_view setting,
                                      std::span<const Adapter> adapters) {
  SESHAT_ASSIGN(AdapterUrl url, ParseAdapterUrl(config.Text(setting)));
  std::string known;
  for (const Adapter& adapter : adapters) {
    if (adapter.scheme == url.scheme) return ChosenAdapter<Adapter>{std::move(url), &adapter};
    known += fmt::format("{}{}", known.empty() ? "" : ", ", adapter.scheme);
  }
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("{}: there is no adapter for '{}://'; known here: {}", setting, url.scheme, known));
}

template <typename Adapter>
std::optional<Place> PlaceIn(const Result<ChosenAdapter<Adapter>>& chosen) {
  return chosen ? std::optional(chosen->adapter->place) : std::nullopt;
}

}  // namespace

std::span<const BlobStoreAdapter> BlobStoreAdapters() { return kBlobStores; }
std::span<const EventBusAdapter> EventBusAdapters() { return kEventBuses; }
std::span<const MetadataStoreAdapter> MetadataStoreAdapters() { return kMetadataStores; }

Result<ChosenAdapter<BlobStoreAdapter>> ChosenBlobStore(const Config& config) {
  return Choose(config, "store.url", BlobStoreAdapters());
}
Result<ChosenAdapter<EventBusAdapter>> ChosenEventBus(const Config& config) {
  return Choose(config, "bus.url", EventBusAdapters());
}
Result<ChosenAdapter<MetadataStoreAdapter>> ChosenMetadataStore(const Config& config) {
  return Choose(config, "metadata.url", MetadataStoreAdapters());
}

std::optional<Place> PlaceOf(const Config& config, std::string_view setting) {
  if (setting == "store.url") return PlaceIn(ChosenBlobStore(config));
  if (setting == "bus.url") return PlaceIn(ChosenEventBus(config));
  if (setting == "metadata.url") return PlaceIn(ChosenMetadataStore(config));
  return std::nullopt;
}

}  // namespace seshat::composition
