// Waiting for a pipeline to have nothing left to do.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>

#include "core/base/error.h"
#include "ports/clock.h"
#include "services/operations/pipeline_state.h"

namespace seshat::operations {

struct WaitOptions {
  std::chrono::milliseconds look_every{200};
  std::optional<std::chrono::milliseconds> timeout;  // absent: for ever
};

struct Waited {
  PipelineState state;  // of the last look that succeeded
  bool timed_out = false;
};

// Looks again and again until the pipeline is idle, the time is over, or `stop` is triggered. A look that fails with a
// retryable error (a busy database, say) is worth another one; any other error ends it.
Result<Waited> WaitUntilIdle(const std::function<Result<PipelineState>()>& look, Clock& clock,
                             const WaitOptions& options, std::stop_token stop);

}  // namespace seshat::operations
