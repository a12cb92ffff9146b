// The metadata store on a real OpenSearch, with an alias of its own; its indices are dropped at the end.
#pragma once

#include <memory>
#include <string>

#include "adapters/opensearch/opensearch_metadata_store.h"
#include "core/base/error.h"
#include "platform/http/message.h"
#include "platform/http/sender.h"
#include "ports/metadata_store.h"

namespace seshat::testing {

class OpenSearchLab {
 public:
  // `url` is the cluster's base URL.
  explicit OpenSearchLab(const std::string& url);
  ~OpenSearchLab();
  OpenSearchLab(const OpenSearchLab&) = delete;
  OpenSearchLab& operator=(const OpenSearchLab&) = delete;

  // A new store on the same alias, with the options as they are here.
  std::unique_ptr<MetadataStore> Open();
  // Any request to the cluster; the body of the answer.
  std::string Ask(const std::string& method, const std::string& path, const std::string& body = "");

  opensearch::OpenSearchOptions options;
};

std::shared_ptr<http::Sender> MakePlainSender();

}  // namespace seshat::testing
