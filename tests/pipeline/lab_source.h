// The lab's side of the pipeline: a directory in which people and machines write, and what it held, kept apart from
// what the pipeline makes of it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/memory_source/memory_source.h"
#include "pipeline/dice.h"
#include "pipeline/odd_names.h"
#include "ports/clock.h"

namespace seshat::testing {

struct LabSourceOptions {
  size_t sessions = 2;
  bool long_paths = true;  // names up to 900 bytes
  bool changes = true;     // files that change, arrive late or go, after a revision has them
};

class LabSource {
 public:
  // Makes the sessions with their first files.
  LabSource(Clock& clock, Dice& dice, const LabSourceOptions& options);

  memory_source::MemorySource& tree() { return tree_; }

  // One thing that happens in a lab.
  void Change(Dice& dice);

  struct Session {
    std::map<std::string, std::string> files;  // path below the session → bytes
    std::map<std::string, bool> others;        // links and pipes, unreadable files
    bool had_files = false;                    // ever
  };
  // By directory name; names that cannot be session ids included.
  const std::map<std::string, Session>& sessions() const { return sessions_; }

 private:
  void Write(const std::string& id, const std::string& path, const std::string& bytes);
  void WriteMetadata(Dice& dice, const std::string& id);
  std::string NewPath(Dice& dice, const std::string& id) const;
  static std::string Contents(Dice& dice);

  memory_source::MemorySource tree_;
  LabSourceOptions options_;
  std::map<std::string, Session> sessions_;
  std::vector<std::string> ids_;
};

inline constexpr std::string_view kMetadataName = "metadata.txt";

}  // namespace seshat::testing
