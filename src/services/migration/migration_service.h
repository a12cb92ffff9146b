// The migration service: takes every complete session of its sources into the blob store, once, and says so
// on the event bus (design §4).
//
// Scanning is the truth. One thread for each source scans and judges; one thread uploads, driving
// BlobStore::PutAll with a feed that takes its work from the journal. All that must survive a crash is in the
// journal before it happens in the store or on the bus, so a restart at any point needs nobody. The store is
// only ever written to.
//
// docs/adr/ has the reasons; journal states are in ports/migration_journal.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/time.h"
#include "core/records/storage_class.h"
#include "ports/blob_store.h"
#include "ports/clock.h"
#include "ports/event_bus.h"
#include "ports/logger.h"
#include "ports/metrics.h"
#include "ports/migration_journal.h"
#include "ports/random.h"
#include "ports/source_tree.h"
#include "services/migration/rules/source_spec.h"

namespace seshat::migration {

// All must outlive the service and be safe from several threads.
struct Ports {
  BlobStore& store;  // opened with BlobAccess::kWriteOnly
  EventBus& bus;
  MigrationJournal& journal;
  Clock& clock;
  Random& random;
  Logger& logger;
  Metrics& metrics;
};

struct Options {
  std::string host;  // for heartbeats
  PriceTable prices;
  // What local time is ahead of UTC at a moment: cron and blackout windows are in local time. Empty: UTC.
  std::function<std::chrono::minutes(Timestamp)> utc_offset;
  std::chrono::milliseconds heartbeat_interval{60'000};
  std::chrono::milliseconds retry_first{1'000};  // bound of the pause after the first failure; doubles up to
  std::chrono::milliseconds retry_most{300'000};
  // A partial session with unreadable files is tried again this often, although nothing seems to have
  // changed.
  std::chrono::milliseconds recheck_unreadable{600'000};
  uint64_t small_file_bytes = 8 << 20;  // up to this size files are read at once, and put without a state
  uint64_t buffered_bytes = 16 << 20;   // of small files in memory at a time; at least small_file_bytes
  size_t active_sessions = 8;           // uploaded side by side
};

struct Source {
  SourceSpec spec;
  std::unique_ptr<SourceTree> tree;
};

struct ScanSummary {
  uint64_t sessions = 0;
  uint64_t entries = 0;
  uint64_t loose = 0;                 // files that belong to no session
  uint64_t refused = 0;               // names that cannot be session ids
  uint64_t changed = 0;               // sessions whose observation changed
  uint64_t completed = 0;             // sessions found complete by this scan
  std::optional<Timestamp> next_due;  // the earliest moment at which a waiting session may become complete
};

struct UploadSummary {
  uint64_t sessions = 0;  // revisions committed
  uint64_t files = 0;     // stored
  uint64_t bytes = 0;
  uint64_t not_ready = 0;  // sessions that changed meanwhile
  bool idle = true;        // nothing was there to do
  Status store;            // the store's trouble, if that ended it
};

enum class DryRunAction { kUpload, kKeep, kSkip, kWait, kRefuse };
std::string_view DryRunActionName(DryRunAction action);  // "upload", "keep", …

struct DryRunLine {
  std::string session_id;  // raw bytes where refused
  std::string path;        // empty: the whole session
  uint64_t size = 0;
  DryRunAction action = DryRunAction::kUpload;
  std::string why;
};

class MigrationService {
 public:
  // kInvalidArgument for a bad spec, no source, or two sources of one name. Touches nothing.
  static Result<std::unique_ptr<MigrationService>> Make(std::vector<Source> sources, const Ports& ports,
                                                        Options options);
  virtual ~MigrationService() = default;

  // Works until `stop`: blocks; all threads have ended when it returns. Errors are logged, shown in the
  // status, and tried again for ever.
  virtual void Run(std::stop_token stop) = 0;

  // The steps that Run repeats, for tests, for `agent --once` and for benchmarks; not while Run runs.
  virtual Result<ScanSummary> ScanOnce(std::string_view source,
                                       std::stop_token stop) = 0;  // whatever the schedule
  virtual UploadSummary UploadOnce(std::stop_token stop) = 0;  // everything that is due, outbox and clean-up included
  virtual Status PublishHeartbeat(std::string_view source) = 0;

  // What a migration of `source` (empty: all) would do now, file by file. Reads directories and the journal;
  // writes nothing anywhere.
  virtual Status DryRun(std::string_view source, const std::function<void(const DryRunLine&)>& line,
                        std::stop_token stop) = 0;
};

}  // namespace seshat::migration
