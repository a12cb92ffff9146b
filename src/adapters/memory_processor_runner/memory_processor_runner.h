// ProcessorRunner that calls a function: for tests, and for trying a pipeline without any program.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>

#include "ports/processor_runner.h"

namespace seshat::memory_processor_runner {

// Called on the thread of Run, possibly from several threads at once. Writes to run.output_directory what a
// program would write. The report it gives is handed on, its log tail cut to the last 4 KiB. It is expected
// to end soon after `stop` is triggered, or after run.timeout.
using ProcessorFunction = std::function<Result<RunReport>(const ProcessorRun& run, std::stop_token stop)>;

// Checks the run as every runner does, then calls `function`. Declares no isolation and no limits. An outcome
// that arrives after `stop` was triggered becomes kCancelled.
std::unique_ptr<ProcessorRunner> MakeMemoryProcessorRunner(ProcessorFunction function);

}  // namespace seshat::memory_processor_runner
