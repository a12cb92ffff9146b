// One accepted connection of HttpServer: bytes in and out, with or without TLS. Private to the server.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "platform/posix/unique_fd.h"

struct ssl_ctx_st;

namespace seshat::testing {

class HttpConnection {
 public:
  // `tls` may be null. False from any call: the connection is over.
  HttpConnection(posix::UniqueFd fd, ssl_ctx_st* tls);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  bool Handshake();
  bool ReadLine(std::string& line);     // without its end
  size_t Read(char* out, size_t size);  // 0: over
  bool Write(std::string_view bytes);
  void Close(bool reset);
  void WaitForClose();           // reads until the client leaves
  void TunnelTo(uint16_t port);  // until one side leaves
  // From another thread: every call that waits returns.
  void Interrupt();

 private:
  bool Fill();
  struct Tls;
  std::mutex closing_;  // of fd_, against Interrupt
  posix::UniqueFd fd_;
  std::unique_ptr<Tls> tls_;
  std::string buffer_;
};

}  // namespace seshat::testing
