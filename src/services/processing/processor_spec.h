// What the configuration says about one processor.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/path_glob.h"
#include "core/records/manifest.h"

namespace seshat::processing {

struct ProcessorSpec {
  std::string name;     // [A-Za-z0-9._-]{1,64}
  std::string version;  // likewise; a new version processes every file that it is told of anew
  // Over a file's path below the session. A file is processed where any matches.
  std::vector<PathGlob> patterns{PathGlob("**")};
  // Whether the session's metadata file is processed too, where it matches.
  bool include_metadata = false;
  // The program by its absolute path, and its arguments, in which "{input}" and "{output}" are replaced (see
  // ports/processor_runner.h).
  std::vector<std::string> command;
  // Over file names: the matching files in the input's own directory are shown beside it. "*.hea".
  std::vector<PathGlob> with_siblings;
  // Further files and directories that the program needs, seen at their own paths. The program itself need
  // not be named here.
  std::vector<std::filesystem::path> read_only_paths;
  std::chrono::milliseconds timeout{std::chrono::minutes{10}};
  uint64_t memory_bytes = 1ULL << 30;
  uint64_t output_bytes = 1ULL << 30;  // all outputs of one run together
  uint32_t max_attempts = 5;           // 1–100 runs of a file, then the dead-letter list

  bool Wants(const Manifest& manifest, const ManifestFile& file) const;
  bool WantsSibling(const ManifestFile& input, const ManifestFile& other) const;
  std::string FullName() const { return name + "-" + version; }
};

// kInvalidArgument naming the processor and the field: a bad name, no program, a path that is not absolute, a
// bad pattern, limits out of range, two specs whose "<name>-<version>" (the folder of their results) is the
// same.
Status CheckProcessorSpecs(std::span<const ProcessorSpec> specs);

}  // namespace seshat::processing
