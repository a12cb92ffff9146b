// Watching a child until it and all it started are gone: output drained, deadline and stop kept.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "platform/posix/child_process.h"
#include "platform/posix/unique_fd.h"

namespace seshat::process_runner {

// The last bytes of an endless text.
class LogTail {
 public:
  static constexpr size_t kBytes = 4096;  // of RunReport::log_tail
  void Append(std::string_view text);
  std::string Take();

 private:
  std::string text_;  // at most twice kBytes
};

struct Supervision {
  posix::ChildProcess* child = nullptr;
  posix::UniqueFd output;  // its stdout and stderr; not blocking
  posix::UniqueFd status;  // bubblewrap's JSON status, not blocking; or none
  std::chrono::steady_clock::time_point deadline;
  std::function<void()> kill_more;  // besides its process group
};

struct Supervised {
  posix::ChildProcess::Ending ending;
  bool timed_out = false;
  bool stopped = false;
  std::string log_tail;
  std::optional<int> exit_code;  // of the program inside, from bubblewrap's status; none where it never started
};

Result<Supervised> Supervise(Supervision supervision, const std::stop_token& stop);

}  // namespace seshat::process_runner
