// The programs of the ProcessorRunner suite as functions, right or wrong on purpose.
#pragma once

#include <memory>
#include <vector>

#include "adapters/memory_processor_runner/memory_processor_runner.h"
#include "conformance/processor_runner/processor_runner_suite.h"

namespace seshat::testing {

struct MemoryMistakes {
  bool forgets_outputs = false;
  bool does_not_expand = false;
  bool drops_siblings = false;
  bool renames_input = false;
  bool always_succeeds = false;
  bool signal_is_a_status = false;
  bool keeps_the_head_of_the_log = false;
  bool leaves_processes = false;  // the lock of kHang and kLeaveBehind stays held
  bool leaks_environment = false;
  bool leaks_descriptors = false;
};

std::vector<std::string> MemoryProgram(conformance::Behaviour behaviour, std::vector<std::string> arguments);
memory_processor_runner::ProcessorFunction MemoryPrograms(MemoryMistakes mistakes = {});

}  // namespace seshat::testing
