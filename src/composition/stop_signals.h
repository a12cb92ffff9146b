// Ctrl-C and SIGTERM: the first asks to stop, the second ends at once.
#pragma once

#include <memory>
#include <stop_token>

namespace seshat::composition {

// While it lives, the first SIGINT or SIGTERM triggers token(), and the second one ends the process with the
// signal's usual status. One at a time in a process.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  std::stop_token token() const;
  // As a first signal would.
  void RequestStop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace seshat::composition
