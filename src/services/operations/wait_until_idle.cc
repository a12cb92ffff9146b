#include "services/operations/wait_until_idle.h"

#include <utility>

namespace seshat::operations {

Result<Waited> WaitUntilIdle(const std::function<Result<PipelineState>()>& look, Clock& clock,
                             const WaitOptions& options, std::stop_token stop) {
  const auto begin = clock.SteadyNow();
  Waited waited;
  do {
    auto state = look();
    if (!state && !state.error().retryable()) return std::unexpected(std::move(state.error()));
    const bool idle = state && state->idle;
    if (state) waited.state = std::move(*state);
    if (idle) return waited;
    waited.timed_out = options.timeout && clock.SteadyNow() - begin >= *options.timeout;
  } while (!waited.timed_out && clock.SleepFor(options.look_every, stop));
  return waited;
}

}  // namespace seshat::operations
