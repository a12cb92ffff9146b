// What is done about the events of subscription "indexing": the documents of their sessions are built, stored together
// and announced.
#pragma once

#include <span>
#include <vector>

#include "services/consuming/handler.h"
#include "services/indexing/document_builder.h"
#include "services/indexing/indexing_service.h"

namespace seshat::indexing {

class IndexingHandler : public consuming::BatchHandler {
 public:
  // All must outlive it.
  IndexingHandler(const IndexingPorts& ports, const IndexingOptions& options, DocumentBuilder& builder)
      : ports_(ports), options_(options), builder_(builder) {}

  // While the metadata store is away, waits for it, up to IndexingOptions::outage_patience or Turn::stop.
  std::vector<consuming::Verdict> HandleBatch(std::span<const Delivery> deliveries,
                                              const consuming::Turn& turn) override;

 private:
  const IndexingPorts& ports_;
  const IndexingOptions& options_;
  DocumentBuilder& builder_;
};

}  // namespace seshat::indexing
