// One libcurl easy handle, used for one request after the other.
#pragma once

#include <memory>

#include "core/base/error.h"
#include "platform/http/client.h"
#include "platform/http/message.h"

namespace seshat::http {

class CurlTransfer {
 public:
  // `easy` (a CURL*) belongs to the transfer, and keeps the options that are the same for every request.
  static Result<std::unique_ptr<CurlTransfer>> Make(const ClientOptions& options);
  ~CurlTransfer();
  CurlTransfer(const CurlTransfer&) = delete;
  CurlTransfer& operator=(const CurlTransfer&) = delete;

  void* easy() const;
  // Sets the handle up for `request`, which CheckRequest has approved.
  void Prepare(Request request, RequestId id);
  // What came of it. `code` is libcurl's.
  Outcome Finish(int code);
  RequestId id() const;
  // Lets a source that was not ready be read again.
  void Resume();

  static CurlTransfer& Of(void* easy);

 private:
  struct State;
  explicit CurlTransfer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace seshat::http
