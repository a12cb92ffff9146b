// Writes documents in bulk requests of bounded size, and goes slower when OpenSearch says that it has too much to do.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/opensearch/connection.h"
#include "core/base/error.h"
#include "core/query/session_document.h"
#include "ports/clock.h"

namespace seshat::opensearch {

struct BulkLimits {
  // OpenSearch's own advice is 5 to 15 MB a bulk request; a larger document goes alone.
  size_t max_bytes = size_t{5} << 20;
  size_t max_documents = 500;
  // How long to go on while OpenSearch says that it has too much to do, before the caller is told so.
  std::chrono::milliseconds patience{20'000};
  std::chrono::milliseconds first_pause{100};  // doubles, up to 5 s; or what OpenSearch says
  std::chrono::milliseconds timeout{60'000};   // of one request
};

// Thread-safe.
class BulkWriter {
 public:
  BulkWriter(Connection& connection, Clock& clock, const BulkLimits& limits);

  enum class Versions {
    kNewer,        // stored unless the same or a higher version is there
    kNewerOrSame,  // unless a higher version is there
  };
  enum class Fate {
    kStored,
    kKept,     // what is there has a version that forbids it
    kNoAlias,  // there is no such alias (any more)
    kRefused,
  };
  struct Outcome {
    Fate fate = Fate::kRefused;
    Error error;  // kRefused
  };

  // Durable, but not visible before a refresh. One outcome for each document, in order. The error, which is that of the
  // connection or kUnavailable after `patience`, leaves open which ones were stored.
  Result<std::vector<Outcome>> Write(std::string_view alias, std::span<const SessionDocument> documents,
                                     Versions versions);

 private:
  class Run;
  // What the cluster takes at the moment: halves with every refusal, recovers with every success.
  double share();
  void Slower();
  void Faster();

  Connection& connection_;
  Clock& clock_;
  const BulkLimits limits_;
  std::mutex mutex_;
  double share_ = 1;
};

}  // namespace seshat::opensearch
