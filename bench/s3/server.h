// The server behind emulated_s3: one thread and epoll.
//
// It is not the http_server of src/platform on purpose. That one hands each request to a thread and reads bodies into
// memory, which is right for an API; here, some 30,000 PUTs a second and bodies of gigabytes must cost next to nothing,
// or the benchmark would measure its own server: bodies are thrown away inside the kernel (MSG_TRUNC), and an answer's
// delay is a timer.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <unordered_map>
#include <utility>
#include <vector>

#include "s3/bucket.h"
#include "s3/connection.h"
#include "s3/emulation.h"

namespace seshat::bench {

class Server {
 public:
  explicit Server(const Settings& settings);

  // Prints the port; returns when standard input ends or speaks, or with 1 where it cannot start.
  int Run();

 private:
  bool LoadCertificate();
  bool Listen();
  void Watch(int fd, uint32_t events, int how);
  bool Step();
  void Accept();
  void Run(int fd);

  using Timer = std::pair<Time, int>;
  const Settings settings_;
  Bucket bucket_;
  std::vector<char> scratch_;
  SSL_CTX* tls_ = nullptr;
  int listener_ = -1;
  int epoll_ = -1;
  std::unordered_map<int, std::unique_ptr<Connection>> connections_;
  std::unordered_map<int, bool> writing_;
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
};

}  // namespace seshat::bench
