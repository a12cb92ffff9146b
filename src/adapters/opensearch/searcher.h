// One search: its request in the engine's language, the pages of the answer, and verification where the engine cannot
// tell exactly (query_compiler.h).
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "adapters/opensearch/connection.h"
#include "adapters/opensearch/index_admin.h"
#include "core/base/error.h"
#include "ports/clock.h"
#include "ports/metadata_store.h"

namespace seshat::opensearch {

struct SearchLimits {
  // People who wait for a search are told within this time that the engine does not answer.
  std::chrono::milliseconds timeout{1'900};
  // Documents that are looked at one by one for one search: some 100 MB on the wire.
  size_t max_verified = 50'000;
};

// Thread-safe.
class Searcher {
 public:
  Searcher(Connection& connection, IndexAdmin& admin, Clock& clock, const SearchLimits& limits);

  // Preconditions: CheckRequest.
  Result<SearchPage> Search(const SearchRequest& request);

  // The answer to a call about the alias, which makes the index where there is none yet. The timeout is that of all
  // that is needed.
  Result<Answer> Send(Connection::Call call);
  // The answer of POST /<alias>/_search.
  Result<std::string> Ask(const std::string& body);
  // The text that `term` (TextTerm) stands for in one of the fields (folded).
  Result<std::string> LongText(const std::vector<std::string>& group, const std::string& term);

 private:
  Connection& connection_;
  IndexAdmin& admin_;
  Clock& clock_;
  const SearchLimits limits_;
};

}  // namespace seshat::opensearch
