// Reads the requests of one connection from its bytes, one after the other.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "platform/http_server/field_rules.h"
#include "platform/http_server/head_scanner.h"
#include "platform/http_server/request.h"
#include "platform/http_server/server_options.h"

namespace seshat::http_server {

class RequestParser;  // Beast, in request_reader.cc only: it is slow to compile

class RequestReader {
 public:
  explicit RequestReader(const ServerLimits& limits);
  ~RequestReader();
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;

  enum class State { kEmpty, kHead, kBody, kComplete };
  State state() const { return state_; }

  void Append(std::string_view bytes) { buffer_ += bytes; }
  bool has_bytes() const { return !buffer_.empty(); }

  // Reads on as far as the bytes go. Stops behind the head, so that the caller can refuse before the body is sent; the
  // next call goes on with the body. A refusal: the connection is of no more use.
  std::optional<Refusal> Advance();

  // From kBody on.
  const Request& request() const { return request_; }
  const std::optional<std::string>& authority() const { return authority_; }  // of an absolute target
  HttpVersion version() const { return version_; }
  bool keep_alive() const { return keep_alive_; }
  bool has_body() const { return has_body_; }

  // From kComplete to kEmpty; the bytes that follow stay.
  Request Take();

 private:
  std::optional<Refusal> ReadHead();
  std::optional<Refusal> ReadBody();

  const ServerLimits& limits_;
  State state_ = State::kEmpty;
  std::string buffer_;
  HeadScanner scanner_;
  std::unique_ptr<RequestParser> parser_;
  Request request_;
  std::optional<std::string> authority_;
  HttpVersion version_ = HttpVersion::k11;
  bool keep_alive_ = false;
  bool has_body_ = false;
};

}  // namespace seshat::http_server
