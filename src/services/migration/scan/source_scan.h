// One scan of one source: what is there, what changed since the last one, what became complete. All of it ends in
// the journal; an unchanged session costs a look-up there and nothing else.
#pragma once

#include <stop_token>

#include "core/base/error.h"
#include "services/migration/base/migration_ports.h"
#include "services/migration/base/migration_summary.h"
#include "services/migration/scan/source_runtime.h"

namespace seshat::migration {

Result<ScanSummary> ScanSource(SourceRuntime& source, const Ports& ports, std::stop_token stop);

// What `status` shows of the scan.
Status SaveScanState(SourceRuntime& source, const Ports& ports, const Result<ScanSummary>& result,
                     Timestamp next_scan_at);

// The bytes of the session's expected-files list compared with what it has: empty when everything is there,
// otherwise what lacks, for people. `list_path` is below the session.
Result<std::string> MissingListedFiles(SourceRuntime& source, std::string_view id, const std::string& list_path,
                                       std::stop_token stop);

}  // namespace seshat::migration
