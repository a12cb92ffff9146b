// The whole metadata store anew from the blob store. Private to the indexing service.
#pragma once

#include <functional>
#include <stop_token>

#include "core/base/error.h"
#include "services/indexing/document_builder.h"
#include "services/indexing/indexing_service.h"

namespace seshat::indexing {

// IndexingService::Reindex.
Result<ReindexProgress> Rebuild(const IndexingPorts& ports, const IndexingOptions& options, DocumentBuilder& builder,
                                const std::function<void(const ReindexProgress&)>& progress,
                                const std::stop_token& stop);

}  // namespace seshat::indexing
