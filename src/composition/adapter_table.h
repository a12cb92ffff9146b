// Which adapter stands behind which URL: one table for each port that a URL in the configuration chooses. Opening,
// `seshat doctor` and the message for an unknown scheme all read it; a new adapter is a line in adapter_table.cc
// (docs/new-adapter.md).
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "composition/composition.h"
#include "composition/config/config.h"
#include "core/base/error.h"
#include "ports/blob_store.h"
#include "ports/event_bus.h"
#include "ports/metadata_store.h"

namespace seshat::composition {

// What the URL leads to, and so what there is to look at when something does not work.
enum class Place {
  kDirectory,  // of this machine: what follows "://" is its path
  kDatabase,   // an SQLite file of this machine: likewise
  kAws,        // services that sign as AWS does
  kServer,     // another server
};

// `open` may rely on the scheme being its own, and on `config` and `foundation` outliving the port. It neither meters
// nor says what was being opened: open_ports.cc does, for all alike.
struct BlobStoreAdapter {
  std::string_view scheme;
  Place place;
  Result<std::unique_ptr<BlobStore>> (*open)(const Config& config, const Foundation& foundation, const AdapterUrl& url,
                                             BlobAccess access);
};
struct EventBusAdapter {
  std::string_view scheme;
  Place place;
  Result<std::unique_ptr<EventBus>> (*open)(const Config& config, const Foundation& foundation, const AdapterUrl& url);
};
struct MetadataStoreAdapter {
  std::string_view scheme;
  Place place;
  Result<std::unique_ptr<MetadataStore>> (*open)(const Config& config, const Foundation& foundation,
                                                 const AdapterUrl& url);
};

// In the order in which messages name them. Schemes of one table are unique.
std::span<const BlobStoreAdapter> BlobStoreAdapters();
std::span<const EventBusAdapter> EventBusAdapters();
std::span<const MetadataStoreAdapter> MetadataStoreAdapters();

// An adapter of the table, and the URL taken apart.
template <typename Adapter>
struct ChosenAdapter {
  AdapterUrl url;
  const Adapter* adapter = nullptr;
};

// What store.url, bus.url and metadata.url choose. kInvalidArgument naming the setting and the schemes that there are.
Result<ChosenAdapter<BlobStoreAdapter>> ChosenBlobStore(const Config& config);
Result<ChosenAdapter<EventBusAdapter>> ChosenEventBus(const Config& config);
Result<ChosenAdapter<MetadataStoreAdapter>> ChosenMetadataStore(const Config& config);

// Of what "store.url", "bus.url" or "metadata.url" chooses; nothing where there is no adapter for it.
std::optional<Place> PlaceOf(const Config& config, std::string_view setting);

}  // namespace seshat::composition
