#include "support/http_connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace seshat::testing {

struct HttpConnection::Tls {
  SSL* ssl = nullptr;
  ~Tls() { SSL_free(ssl); }
};

HttpConnection::HttpConnection(posix::UniqueFd fd, ssl_ctx_st* tls) : fd_(std::move(fd)) {
  if (tls == nullptr) return;
  tls_ = std::make_unique<Tls>();
  tls_->ssl = SSL_new(tls);
  SSL_set_fd(tls_->ssl, fd_.get());
}

HttpConnection::~HttpConnection() = default;

bool HttpConnection::Handshake() { return !tls_ || SSL_accept(tls_->ssl) == 1; }

bool HttpConnection::Fill() {
  std::array<char, 64 << 10> chunk;
  const ssize_t got = tls_ ? SSL_read(tls_->ssl, chunk.data(), static_cast<int>(chunk.size()))
                           : recv(fd_.get(), chunk.data(), chunk.size(), 0);
  if (got <= 0) return false;
  buffer_.append(chunk.data(), static_cast<size_t>(got));
  return true;
}

bool HttpConnection::ReadLine(std::string& line) {
  size_t end = 0;
  while ((end = buffer_.find("\r\n")) == std::string::npos) {
    // A TLS handshake, say.
    if (!buffer_.empty() && buffer_.front() < ' ') return false;
    if (!Fill()) return false;
  }
  line = buffer_.substr(0, end);
  buffer_.erase(0, end + 2);
  return true;
}

size_t HttpConnection::Read(char* out, size_t size) {
  if (buffer_.empty() && !Fill()) return 0;
  const size_t count = std::min(size, buffer_.size());
  std::memcpy(out, buffer_.data(), count);
  buffer_.erase(0, count);
  return count;
}

bool HttpConnection::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = tls_ ? SSL_write(tls_->ssl, bytes.data(), static_cast<int>(bytes.size()))
                              : send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

void HttpConnection::Close(bool reset) {
  if (reset) {
    // Lingering for no time at all is how TCP spells RST.
    const linger none{1, 0};
    setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &none, sizeof none);
  }
  const std::lock_guard lock(closing_);
  fd_.Reset();
}

void HttpConnection::WaitForClose() {
  while (Fill()) buffer_.clear();
}

void HttpConnection::TunnelTo(uint16_t port) {
  const posix::UniqueFd other(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(other.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return;
  std::array<pollfd, 2> ends = {{{fd_.get(), POLLIN, 0}, {other.get(), POLLIN, 0}}};
  std::array<char, 64 << 10> chunk;
  for (;;) {
    if (poll(ends.data(), ends.size(), -1) <= 0) return;
    for (size_t i = 0; i < 2; ++i) {
      if (ends[i].revents == 0) continue;
      const ssize_t got = recv(ends[i].fd, chunk.data(), chunk.size(), 0);
      if (got <= 0 || send(ends[1 - i].fd, chunk.data(), static_cast<size_t>(got), MSG_NOSIGNAL) != got) return;
    }
  }
}

void HttpConnection::Interrupt() {
  const std::lock_guard lock(closing_);
  if (fd_.valid()) shutdown(fd_.get(), SHUT_RDWR);
}

}  // namespace seshat::testing
