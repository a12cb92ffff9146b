// A lab that never was: source directories with sessions in them, some still being written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "ports/clock.h"

namespace seshat::cli {

struct SimulatedFile {
  std::string name;  // may have a directory
  std::string bytes;
};

struct SimulatedSession {
  std::string id;
  Timestamp started_at{};
  std::vector<SimulatedFile> files;  // the metadata file is the last one
};

// The same for the same seed, source and number, on every machine.
SimulatedSession MakeSimulatedSession(uint64_t seed, const std::string& source, uint64_t number);

struct LabOptions {
  std::filesystem::path directory;
  uint64_t sources = 3;
  uint64_t sessions = 6;    // finished ones of each source
  uint64_t unfinished = 1;  // of each source: half of the files, and no metadata yet
  uint64_t seed = 1;
  std::chrono::milliseconds tick{500};  // live: between two writes
  uint64_t ticks_per_session = 8;       // live: how many writes make a session
};

struct LabSummary {
  std::vector<std::string> sources;  // directories
  uint64_t sessions = 0;             // finished
  uint64_t unfinished = 0;
  uint64_t files = 0;
  uint64_t bytes = 0;
};

class Lab {
 public:
  explicit Lab(LabOptions options) : options_(std::move(options)) {}

  // Writes everything; a lab that is there already stays as it is.
  Result<LabSummary> Make();
  // Goes on: unfinished sessions grow and finish, new ones begin. Ends with `stop`, or at `until`; then what is
  // unfinished is finished.
  Result<LabSummary> Live(Clock& clock, std::chrono::steady_clock::time_point until, std::stop_token stop);

 private:
  struct Open {
    std::string source;
    SimulatedSession session;
    uint64_t ticks = 0;
  };

  std::filesystem::path DirectoryOf(const std::string& source, const SimulatedSession& session) const;
  // Brings the files of an open session to `ticks` of its length; the metadata file comes at the end.
  Status Grow(Open& open, uint64_t ticks);
  Status WriteFinished(const std::string& source, const SimulatedSession& session);

  LabOptions options_;
  LabSummary summary_;
  std::vector<Open> open_;
};

}  // namespace seshat::cli
