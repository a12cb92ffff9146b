// What a run of the pipeline has come to, as text and as an exit status.
#pragma once

#include "cli/exit_code.h"
#include "cli/invocation.h"
#include "views/run.h"

namespace seshat::cli {

// The numbers, and commands to try next that look at the same places.
void PrintSummary(Invocation& invocation, const views::Run& result);

// The exit status of an idle pipeline, with a message for each thing that is not as it should be.
ExitCode ReportProblems(Console& console, const operations::PipelineState& state);

}  // namespace seshat::cli
