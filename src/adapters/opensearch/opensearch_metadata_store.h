// The metadata store on OpenSearch 2.x: one index behind an alias, rebuilt into a new one while the old is searched.
// docs/formats/opensearch.md has the mapping; docs/adr/0020-one-meaning-on-opensearch.md says why it is so.
//
// Answers exactly what the reference evaluator answers, total and facets too. One shard: counts of facets are exact on
// one only, and a million sessions fit. What one Upsert stores becomes visible at once; searches of other processes may
// see a part of it where two processes write at the same time.
//
// OpenSearch down or slow: Search and Get answer kUnavailable or kDeadlineExceeded within SearchLimits::timeout. Upsert
// waits a while when it has too much to do (BulkLimits::patience), and then answers kUnavailable.
#pragma once

#include <memory>
#include <string>

#include "adapters/opensearch/bulk_writer.h"
#include "adapters/opensearch/searcher.h"
#include "core/base/error.h"
#include "core/base/secret.h"
#include "platform/http/message.h"
#include "platform/http/sender.h"
#include "ports/clock.h"
#include "ports/metadata_store.h"

namespace seshat::opensearch {

struct OpenSearchOptions {
  http::Origin origin;
  std::string alias = "seshat-sessions";
  // Sends, and signs where the cluster wants AWS signatures (service "es"). No retries: searches are to answer at once,
  // and writing has its own.
  std::shared_ptr<http::Sender> sender;
  std::string user;  // basic authentication; empty: none
  Secret password;
  Clock* clock = nullptr;  // must outlive the store
  opensearch::SearchLimits search;
  opensearch::BulkLimits bulk;
};

// Asks nothing of the cluster: whether it is there, the first call says. kInvalidArgument for an alias that OpenSearch
// does not take.
Result<std::unique_ptr<MetadataStore>> MakeOpenSearchMetadataStore(OpenSearchOptions options);

}  // namespace seshat::opensearch
