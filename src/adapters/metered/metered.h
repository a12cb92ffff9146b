// Decorators that count what goes through a port: calls, errors and seconds, by operation.
//
//   seshat_store_calls_total{operation,outcome}      seshat_store_seconds{operation}
//   seshat_store_bytes_total{operation}              seshat_bus_… and seshat_metadata_… likewise
//
// `outcome` is "ok" or the error code's name. A feed's objects are counted one by one. What the inner port
// answers passes through unchanged. `metrics` must outlive the decorator.
#pragma once

#include <memory>

#include "ports/blob_store.h"
#include "ports/event_bus.h"
#include "ports/metadata_store.h"
#include "ports/metrics.h"

namespace seshat::metered {

std::unique_ptr<BlobStore> Metered(std::unique_ptr<BlobStore> inner, Metrics& metrics);
std::unique_ptr<EventBus> Metered(std::unique_ptr<EventBus> inner, Metrics& metrics);
std::unique_ptr<MetadataStore> Metered(std::unique_ptr<MetadataStore> inner, Metrics& metrics);

}  // namespace seshat::metered
