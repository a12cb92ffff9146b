// Between a program that writes a body and the connection that sends it.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "platform/http_server/body_writer.h"

namespace seshat::http_server {

// Thread-safe. The program's side is MakeWriter's, the connection's is the rest.
class PushChannel : public std::enable_shared_from_this<PushChannel> {
 public:
  // `wake` is called, on the program's thread, when there is something to take; never after Close has returned.
  PushChannel(size_t capacity, std::function<void()> wake) : capacity_(capacity), wake_(std::move(wake)) {}

  std::unique_ptr<BodyWriter> MakeWriter();

  struct Taken {
    std::string text;
    bool ended = false;  // nothing follows
  };
  Taken Take();
  void Close();

 private:
  class Writer;

  const size_t capacity_;
  std::mutex mutex_;
  std::condition_variable_any room_;
  std::function<void()> wake_;  // empty once closed
  std::string waiting_;
  bool ended_ = false;
};

}  // namespace seshat::http_server
