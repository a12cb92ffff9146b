// ProcessorRunner: runs a lab's own program on one file, away from everything else.
//
// The program sees its input read-only, an empty directory for its outputs and a private temporary directory;
// no network, no other file of the machine beyond the system's programs and libraries, no environment but a
// few named variables.
//
// Contract with the program: argv is ProcessorRun::command with every "{input}" replaced by the path of the
// input file and every "{output}" by that of the output directory, both as seen inside; the same paths are in SESHAT_INPUT and
// SESHAT_OUTPUT, and the working directory is the output directory. Exit status 0 means done, and every
// regular file under the output directory is a result. Anything else is a failure of the attempt.
// docs/processors.md tells users.
//
// Thread safety: Run from several threads at once.
// Adapters: memory (a function, for tests), process (bubblewrap); inside Lambda the process runner is used
// without isolation of its own, the function being the sandbox. Suite: conformance/processor_runner/processor_runner_suite.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace seshat {

// A file to be shown beside the input: a processor of WFDB signals needs the header next to them.
struct ProcessorSibling {
  std::filesystem::path path;  // a regular file of the caller's, never changed
  std::string name;            // its name inside, in the input's directory; one path segment of raw bytes
};

struct ProcessorRun {
  std::vector<std::string> command;                    // at least the program, by its absolute path
  std::filesystem::path input;                         // a regular file of the caller's, readable by all, never changed
  std::string input_name;                              // its name inside, one path segment of raw bytes
  std::vector<ProcessorSibling> siblings;              // distinct names, none of them input_name
  std::filesystem::path output_directory;              // exists, empty, the caller's; afterwards it holds the outputs
  std::vector<std::filesystem::path> read_only_paths;  // further files and directories to be seen, at their own paths
  std::chrono::milliseconds timeout{60'000};           // wall clock
  uint64_t memory_bytes = 1ULL << 30;  // of the whole process tree where the machine allows, of each process otherwise
  uint64_t output_bytes = 1ULL << 30;  // the largest file the program may write
};

enum class RunEnd {
  kExited,     // see exit_status
  kSignalled,  // see signal
  kTimedOut,
  kOutOfMemory,
};

struct RunReport {
  RunEnd end = RunEnd::kExited;
  int exit_status = 0;
  int signal = 0;
  std::string log_tail;  // the last ≤ 4 KiB that the program wrote to stdout and stderr, raw bytes
  std::chrono::microseconds wall{};
  std::chrono::microseconds cpu{};
  uint64_t peak_memory_bytes = 0;  // 0 where it cannot be told

  bool succeeded() const { return end == RunEnd::kExited && exit_status == 0; }
  std::string Describe() const;  // "exit status 3", "killed by signal 11", "timed out after 60 s"
};

// What every runner asks of a run before it starts anything: a program by its absolute path; names inside that
// are one segment each (not empty, "." or "..", no '/', no NUL, ≤ 255 bytes: Linux's NAME_MAX) and distinct;
// an absolute input path and output directory; no NUL in an argument; a time and memory limit above zero.
// kInvalidArgument. Does no I/O.
Status CheckProcessorRun(const ProcessorRun& run);

// The argument with every "{input}" and "{output}" replaced, in one pass: what was put in is not looked at again.
std::string ExpandArgument(std::string_view argument, std::string_view input, std::string_view output);

class ProcessorRunner {
 public:
  struct Capabilities {
    bool isolated = false;  // cannot reach files, processes or the network outside
    bool limits_memory = false;
    bool limits_time = false;
  };

  virtual ~ProcessorRunner() = default;
  virtual const Capabilities& capabilities() const = 0;

  // Blocks until the program and everything it started are gone. A program that fails is a report, not an
  // error. Errors: kInvalidArgument (no such program inside, no input), kCancelled (after killing it),
  // kUnavailable and kResourceExhausted (could not be started: try again), kUnsupported (this machine cannot
  // isolate it; says why).
  virtual Result<RunReport> Run(const ProcessorRun& run, std::stop_token stop) = 0;
};

}  // namespace seshat
