// One connection to emulated_s3.
#pragma once

#include <openssl/ssl.h>
#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "s3/bucket.h"
#include "s3/emulation.h"
#include "s3/request_head.h"

namespace seshat::bench {

class Connection {
 public:
  // Owns `fd`, which does not block. Without `tls`: plain.
  Connection(int fd, SSL_CTX* tls, const Settings& settings, Bucket& bucket);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  std::optional<Time> due;  // when the answer may go out
  bool wants_write() const { return !out_.empty() || body_left_ > 0; }

  // Goes on as far as it goes. False: it is over.
  bool Run(std::vector<char>& scratch);

 private:
  struct FreeSsl {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };

  bool Release();
  ssize_t Receive(std::vector<char>& scratch);
  void BeginRequest(size_t end);
  void EndRequest();
  bool Write();

  int fd_;
  const Settings& settings_;
  Bucket& bucket_;
  std::unique_ptr<SSL, FreeSsl> ssl_;
  std::string in_;
  std::optional<Head> head_;
  Time begun_{};
  uint64_t request_bytes_ = 0;
  uint64_t request_left_ = 0;
  std::string out_;
  uint64_t body_left_ = 0;
  uint64_t body_at_ = 0;
};

}  // namespace seshat::bench
