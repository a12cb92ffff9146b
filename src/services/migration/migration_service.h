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

#include <functional>
#include <memory>
#include <stop_token>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "ports/source_tree.h"
#include "services/migration/base/migration_options.h"
#include "services/migration/base/migration_ports.h"
#include "services/migration/base/migration_summary.h"
#include "services/migration/rules/source_spec.h"

namespace seshat::migration {

struct Source {
  SourceSpec spec;
  std::unique_ptr<SourceTree> tree;
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
