#include "ports/processor_runner.h"

#include <fmt/format.h>

namespace seshat {

std::string RunReport::Describe() const {
  const double seconds = std::chrono::duration<double>(wall).count();
  switch (end) {
    case RunEnd::kExited:
      return fmt::format("exit status {}", exit_status);
    case RunEnd::kSignalled:
      return fmt::format("killed by signal {}", signal);
    case RunEnd::kTimedOut:
      return fmt::format("timed out after {:.1f} s", seconds);
    case RunEnd::kOutOfMemory:
      return "ran out of the memory it may use";
  }
  return "unknown end";
}

}  // namespace seshat
