// A libcurl multi handle on epoll: knows handles and sockets, nothing of requests.
//
// curl_multi_poll looks at every handle on every call; this looks only at those that something happened to. Sockets stay
// registered while a connection is idle, so that a request over a kept connection needs no epoll_ctl at all.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "core/base/error.h"

namespace seshat::http {

class CurlLoop {
 public:
  struct Finished {
    void* easy;
    int code;  // CURLcode
  };

  static Result<std::unique_ptr<CurlLoop>> Make(size_t max_idle_connections);
  ~CurlLoop();
  CurlLoop(const CurlLoop&) = delete;
  CurlLoop& operator=(const CurlLoop&) = delete;

  // Makes `easy` (a CURL*) tell this loop about its sockets; once, before the first Add.
  void Adopt(void* easy);
  Status Add(void* easy);
  void Remove(void* easy);
  // Begins what was added, without waiting.
  void Kick();
  // Moves bytes once; waits for at most `timeout` before.
  void Step(std::chrono::milliseconds timeout);
  // The handles that ended are removed from the loop one by one.
  std::optional<Finished> NextFinished();
  // From any thread. The Step that runs now, or the next one, does not wait.
  void Wake();
  // True once after each Wake that a Step has seen.
  bool TakeWoken();

 private:
  struct State;
  explicit CurlLoop(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace seshat::http
