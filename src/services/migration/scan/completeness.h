// When a session is complete. Pure: what was seen, what was seen before, and the time decide.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/path_glob.h"
#include "core/base/time.h"
#include "core/records/fingerprint.h"
#include "ports/migration_journal.h"
#include "ports/source_tree.h"
#include "services/migration/rules/source_spec.h"

namespace seshat::migration {

inline constexpr std::chrono::milliseconds kLeastQuiet{1000};

// What one scan saw of one session.
struct SessionShape {
  Fingerprint fingerprint;
  uint64_t files = 0;  // regular ones
  uint64_t bytes = 0;
  int64_t newest_ns = 0;       // latest modification or change of attributes
  uint64_t others = 0;         // links, devices, …
  uint64_t expected_seen = 0;  // bit i: some file matches CompletenessRules::expected[i]
  bool marker = false;
  bool metadata = false;
  std::string list_path;  // the file that matches CompletenessRules::expected_list, the first by bytes
};

class Completeness {
 public:
  explicit Completeness(const CompletenessRules& rules);

  // Adds one entry, `path` below the session; `is_metadata`: it can be the metadata file.
  void Add(SessionShape& shape, std::string_view path, const SourceEntry& entry, bool is_metadata) const;

  // `missing_listed`: what the expected-files list names and the session lacks, for people; empty: nothing, or no
  // such rule. The answer has no traceparent. Its `until` is set where quiet time is all that lacks.
  Observation Judge(const SessionShape& shape, const std::optional<Observation>& before, Timestamp now,
                    std::string_view missing_listed) const;

  bool has_list() const { return list_.has_value(); }
  std::chrono::milliseconds quiet() const { return quiet_; }

 private:
  std::chrono::milliseconds quiet_;
  std::optional<PathGlob> marker_;
  std::vector<PathGlob> expected_;
  std::optional<PathGlob> list_;
  bool metadata_;
};

// The names in an expected-files list, sorted, each once; a leading "./" and a CR at the end of a line are taken
// off.
std::vector<std::string> ParseExpectedList(std::string_view text);

// "30 s", "1.5 s", "2 h 5 min".
std::string DescribeDuration(std::chrono::milliseconds duration);

}  // namespace seshat::migration
