// What the migration service measures. Labels: `source` everywhere.
#pragma once

#include "ports/metrics.h"

namespace seshat::migration::metric {

using enum MetricSpec::Kind;

inline constexpr MetricSpec kScanSeconds{kHistogram, "seshat_migration_scan_seconds", "Time that a scan took"};
inline constexpr MetricSpec kScanEntries{kGauge, "seshat_migration_scan_entries", "Entries seen by the last scan"};
inline constexpr MetricSpec kScanFailures{kCounter, "seshat_migration_scan_failures_total", "Scans that failed"};
inline constexpr MetricSpec kWaiting{kGauge, "seshat_migration_waiting_sessions", "Sessions not complete yet"};
inline constexpr MetricSpec kBacklog{kGauge, "seshat_migration_backlog_sessions",
                                     "Complete sessions not yet in the store"};
inline constexpr MetricSpec kBacklogBytes{kGauge, "seshat_migration_backlog_bytes",
                                          "Bytes of sessions not yet in the store"};
inline constexpr MetricSpec kSessions{kCounter, "seshat_migration_sessions_total", "Revisions committed"};
inline constexpr MetricSpec kFiles{kCounter, "seshat_migration_files_total", "Files stored"};
inline constexpr MetricSpec kBytes{kCounter, "seshat_migration_bytes_total", "Bytes of files stored"};
inline constexpr MetricSpec kSkipped{kCounter, "seshat_migration_skipped_total",
                                     "Entries that a committed revision could not store"};
inline constexpr MetricSpec kNotReady{kCounter, "seshat_migration_not_ready_total",
                                      "Uploads given up because the session changed meanwhile"};
inline constexpr MetricSpec kConflicts{kCounter, "seshat_migration_conflicts_total",
                                       "Session ids found to belong to another source"};
inline constexpr MetricSpec kStoreFailures{kCounter, "seshat_migration_store_failures_total",
                                           "Uploads interrupted by the store or the journal"};
inline constexpr MetricSpec kUploadSeconds{kHistogram, "seshat_migration_upload_seconds",
                                           "From the first look at a complete session to its manifest"};
inline constexpr MetricSpec kOutbox{kGauge, "seshat_migration_outbox_events", "Events not published yet, at most 100"};
inline constexpr MetricSpec kDeleted{kCounter, "seshat_migration_deleted_files_total",
                                     "Files deleted from the source, as configured"};

}  // namespace seshat::migration::metric
