// How the migration service works, whatever the source.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "core/base/time.h"
#include "core/records/manifest_pages.h"
#include "core/records/storage_class.h"

namespace seshat::migration {

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
  ManifestLimits manifest;              // what takes more is written in pages
};

}  // namespace seshat::migration
