// What every ProcessorRunner must do. Registered as in conformance/suite.h.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/suite.h"
#include "ports/processor_runner.h"

namespace seshat::conformance {

// What the programs of the suite do; an adapter that runs programs has a script for each, one that calls
// functions has a function. `arguments` are those of Program.
enum class Behaviour {
  kCopy,         // writes the input's bytes to "copy", and to "folder/copy"
  kExit,         // ends with status arguments[0]
  kSignal,       // ends itself by signal arguments[0]
  kTell,         // writes to "told", a line each: its further arguments, the input path, the output path, the
                 // working directory, all as it is told in arguments and SESHAT_INPUT, SESHAT_OUTPUT
  kListInput,    // writes the names in the input's directory to "names", each followed by a zero byte
  kLog,          // prints arguments[0] bytes 'x', then "END\xff" on stdout and "ERR" on stderr
  kHang,         // starts a child that ignores SIGTERM and holds a lock (flock) on "lock"; both wait for ever
  kLeaveBehind,  // starts such a child, waits until it has the lock, and ends with status 0
  kSpoilInput,   // tries to write to the input, remove it and replace it; status 0 whatever comes of it
  kRead,         // copies the file arguments[0] to "read"; status 0 whatever comes of it
  kWrite,        // opens the file arguments[0] and one each in /usr and / for writing, and names those that it could
                 // in "written", a line each; status 0 in any case
  kConnect,      // writes "reached" to "connected" where 127.0.0.1:arguments[0] answers; status 0 in any case
  kEnvironment,  // writes its environment to "environment"
  kDescriptors,  // writes the numbers of its open descriptors to "descriptors", a line each
  kProcesses,    // writes the command lines of all processes it sees to "processes"
  kNamespaces,   // writes "new" to "namespaces" where it can make a user namespace; status 0 in any case
  kUseMemory,    // needs arguments[0] bytes of memory, and ends with status 0 if it got them
  kWriteMuch,    // writes arguments[0] bytes to "much", and ends with status 0 if it could
};

class ProcessorRunnerHarness {
 public:
  virtual ~ProcessorRunnerHarness() = default;
  virtual ProcessorRunner& runner() = 0;
  // An empty directory that goes with the harness, by its absolute path.
  virtual std::filesystem::path directory() = 0;
  virtual std::vector<std::string> Program(Behaviour behaviour, std::vector<std::string> arguments) = 0;
};

// With the scripts of bash: for adapters that run programs of a Linux machine.
std::vector<std::string> BashProgram(Behaviour behaviour, const std::vector<std::string>& arguments);

std::span<const Case<ProcessorRunnerHarness>> ProcessorRunnerCases();

}  // namespace seshat::conformance
