// What all parts of one upload run share. Used on the upload thread only.
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "core/base/backoff.h"
#include "ports/random.h"
#include "services/migration/base/migration_options.h"
#include "services/migration/base/migration_ports.h"
#include "services/migration/base/migration_summary.h"
#include "services/migration/scan/source_runtime.h"

namespace seshat::migration {

struct UploadContext {
  const Ports& ports;
  const Options& options;
  const std::string& agent_id;
  std::stop_token stop;

  UploadSummary summary;
  uint64_t buffered = 0;  // bytes of small files in memory
  // The first error of the store or the journal. Nothing new begins after it; the run ends, and is tried again
  // after a pause.
  Status trouble;
  // When a bandwidth limit will let more through.
  std::optional<std::chrono::nanoseconds> throttled;
  bool committed = false;  // the outbox has something new

  bool halted() const { return !trouble.has_value() || stop.stop_requested(); }
  void Halt(Error error) {
    if (trouble) trouble = std::unexpected(std::move(error));
  }
  Status Save(const JournalChange& change) {
    Status status = ports.journal.Apply(change);
    if (!status) Halt(Error(status.error()).WithContext("writing the agent's journal"));
    return status;
  }
};

// The pause after the `attempts`-th failure in a row.
inline std::chrono::nanoseconds PauseAfter(const Options& options, Random& random, uint32_t attempts) {
  return Backoff{options.retry_first, options.retry_most}.After(attempts, RandomUnit(random));
}

}  // namespace seshat::migration
