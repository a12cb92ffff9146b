// Scratch: private space on the local disk in which a worker prepares one run of a processor and collects
// what came out of it.
//
// What a processor leaves behind is hostile until proven otherwise: it can make links, pipes, devices and any
// name. So the outputs are only ever reached through CollectOutputs and OpenOutput, which follow nothing.
//
// Thread safety: Scratch from any thread; one ScratchArea from one thread, except that its sinks and sources
// are as safe as BlobSink and BlobSource ask. Several processes may share one scratch directory.
// Adapters: adapters/scratch_directory. Tests: tests/adapters/scratch_directory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "ports/blob_store.h"

namespace seshat {

struct CollectLimits {
  size_t max_files = 10'000;  // ours: a receipt that names them all stays below 4 MB
  uint64_t max_total_bytes = 1ULL << 30;
  size_t max_depth = 32;  // directories below each other
};

struct CollectedOutput {
  std::string name;  // relative to the output directory, raw bytes, clean: no "", "." or ".." segment
  uint64_t size = 0;
};

struct CollectedOutputs {
  std::vector<CollectedOutput> files;  // regular files only, sorted by name
  std::vector<std::string> ignored;    // what else lay there, for people: "link 'x'", at most 20
};

// The space of one run. Its destructor removes everything in it. Must not outlive its Scratch.
class ScratchArea {
 public:
  virtual ~ScratchArea() = default;

  // A new, empty file of the area's own, readable by all, and where it lies. `label` is one of ours, never a
  // name from outside. kAlreadyExists for a label used before, kResourceExhausted.
  struct NewFile {
    std::filesystem::path path;
    std::shared_ptr<BlobSink> sink;
  };
  virtual Result<NewFile> CreateFile(std::string_view label) = 0;
  // What was written to it.
  virtual Result<std::shared_ptr<BlobSource>> OpenFile(std::string_view label) = 0;

  // The empty directory for a processor's outputs.
  virtual std::filesystem::path output_directory() const = 0;

  // Every regular file under the output directory. kResourceExhausted where `limits` are passed, saying
  // which.
  virtual Result<CollectedOutputs> CollectOutputs(const CollectLimits& limits) = 0;

  // One of the collected files. Never follows a link, never leaves the output directory, never blocks on a
  // pipe: kInvalidArgument. CheckUnchanged of the source answers kSourceChanged where it changed since.
  virtual Result<std::shared_ptr<BlobSource>> OpenOutput(std::string_view name) = 0;
};

class Scratch {
 public:
  virtual ~Scratch() = default;

  // Removes the areas of processes that are gone. Areas in use, by this or another process, stay.
  virtual Status Clean() = 0;

  // kResourceExhausted, kPermissionDenied, kUnavailable as the disk says.
  virtual Result<std::unique_ptr<ScratchArea>> Open() = 0;
};

}  // namespace seshat
