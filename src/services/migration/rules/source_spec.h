// What the configuration says about one source: where sessions appear, when one is complete, when to work,
// and what may be deleted. docs/ and the commented seshat.toml explain every field to users; defaults are
// here.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace seshat::migration {

enum class Layout {
  kDirectories,  // every directory of the source is a session, its name the id
  kFlat,         // files are grouped by SourceSpec::flat_pattern
};

// Any combination; all rules that are set must hold at once. A session without files is never complete.
struct CompletenessRules {
  // Two scans at least this far apart must see the same names, sizes, times, inodes and modes. Never taken as
  // less than one second, below which a file system's clock cannot tell two writes apart.
  std::chrono::milliseconds quiet{30'000};
  // A glob: some file of the session must match ("DONE", "*.finished"). Empty: no such rule.
  std::string marker;
  // Globs: each must match at least one file.
  std::vector<std::string> expected;
  // A glob for a file in the session that names files, one path a line, blank lines and lines that start with
  // '#' left out; all of them must be there. At most 4 MiB of text. Empty: no such rule.
  std::string expected_list;
  // A metadata file (SourceSpec::metadata_files) must be there.
  bool metadata = false;
};

// Hours in which a source is left alone, in local time. From 22:00 to 06:00 passes midnight and belongs to
// the day on which it begins.
struct BlackoutWindow {
  std::chrono::minutes from{};  // since midnight, 0–1,439
  std::chrono::minutes to{};    // equal to `from`: the whole day
  uint8_t weekdays = 0x7F;      // bit 0: Sunday … bit 6: Saturday

  // "22:00-06:00", "mon-fri 08:00-18:00", "sat,sun 00:00-24:00".
  static Result<BlackoutWindow> Parse(std::string_view text);
};

struct Schedule {
  // Between the end of one scan and the next. Hints of the file system and sessions that only wait for quiet
  // time bring it forward.
  std::chrono::milliseconds interval{300'000};
  // Five fields (minute hour day-of-month month day-of-week), local time; scans begin at these minutes only,
  // followed by those that sessions then found need for their quiet time. Empty: by interval.
  std::string cron;
  std::vector<BlackoutWindow> blackouts;  // neither scans nor uploads begin; what is in flight is finished
};

struct SourceSpec {
  std::string name;  // records::CheckName("source", …)
  std::string path;  // absolute; for people and logs: the SourceTree was opened by the composition root
  Layout layout = Layout::kDirectories;
  // kFlat: RE2, must match a file's whole path below the source; the first capture is the session id. Files
  // that do not match belong to no session.
  std::string flat_pattern;
  // Globs (core/base/path_glob.h) over paths below the session. What matches does not exist for the agent.
  std::vector<std::string> ignore;
  // Which file is the session metadata: the first pattern that matches any file; of several files the one
  // with the fewest '/', then the first by bytes.
  std::vector<std::string> metadata_files{"metadata.txt", "*.meta", "metadata.json"};
  CompletenessRules complete;
  Schedule schedule;
  // Bytes a second read for upload, all sessions of the source together; 0: unlimited.
  uint64_t bandwidth_bytes_per_second = 0;
  // Delete a session's files at the source this long after its newest revision was committed. Absent: never.
  std::optional<std::chrono::seconds> delete_after;

  // kInvalidArgument naming the field, the value and what is allowed.
  Status Validate() const;
};

// The note that a deletion leaves in a session's directory ("<id>.SESHAT-MOVED.txt" beside flat files).
// Always ignored by scans.
inline constexpr std::string_view kNoteName = "SESHAT-MOVED.txt";

}  // namespace seshat::migration
