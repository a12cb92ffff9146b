#include "s3/server.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "s3/pattern.h"

namespace seshat::bench {

Server::Server(const Settings& settings) : settings_(settings), bucket_(settings_), scratch_(kBlock) {}

bool Server::LoadCertificate() {
  if (settings_.certificate.empty()) return true;
  tls_ = SSL_CTX_new(TLS_server_method());
  SSL_CTX_set_min_proto_version(tls_, TLS1_3_VERSION);
  SSL_CTX_set_mode(tls_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return SSL_CTX_use_certificate_file(tls_, settings_.certificate.c_str(), SSL_FILETYPE_PEM) == 1 &&
         SSL_CTX_use_PrivateKey_file(tls_, settings_.certificate.c_str(), SSL_FILETYPE_PEM) == 1;
}

bool Server::Listen() {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), length) != 0 || ::listen(listener_, 1024) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0)
    return false;
  fmt::print("{}\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return true;
}

int Server::Run() {
  if (!LoadCertificate() || !Listen()) return 1;
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  Watch(listener_, EPOLLIN, EPOLL_CTL_ADD);
  Watch(STDIN_FILENO, EPOLLIN, EPOLL_CTL_ADD);
  while (Step()) {
  }
  return 0;
}

void Server::Watch(int fd, uint32_t events, int how) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  ::epoll_ctl(epoll_, how, fd, &event);
}

bool Server::Step() {
  int timeout = -1;
  if (!timers_.empty())
    timeout = static_cast<int>(
        std::max<int64_t>(0, std::chrono::ceil<std::chrono::milliseconds>(timers_.top().first - Clock::now()).count()));
  epoll_event events[128];
  const int count = ::epoll_wait(epoll_, events, 128, timeout);
  for (int i = 0; i < count; ++i) {
    const int fd = events[i].data.fd;
    if (fd == STDIN_FILENO) return false;
    if (fd == listener_) {
      Accept();
    } else {
      Run(fd);
    }
  }
  while (!timers_.empty() && timers_.top().first <= Clock::now()) {
    const int fd = timers_.top().second;
    timers_.pop();
    Run(fd);
  }
  return true;
}

void Server::Accept() {
  while (true) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connections_[fd] = std::make_unique<Connection>(fd, tls_, settings_, bucket_);
    Watch(fd, EPOLLIN, EPOLL_CTL_ADD);
  }
}

void Server::Run(int fd) {
  const auto found = connections_.find(fd);
  if (found == connections_.end()) return;
  Connection& connection = *found->second;
  const bool waited = connection.due.has_value();
  if (!connection.Run(scratch_)) {
    connections_.erase(found);
    return;
  }
  if (connection.due) {
    if (!waited) timers_.emplace(*connection.due, fd);
    return;
  }
  if (connection.wants_write() || writing_[fd]) {
    writing_[fd] = connection.wants_write();
    Watch(fd, writing_[fd] ? EPOLLIN | EPOLLOUT : EPOLLIN, EPOLL_CTL_MOD);
  }
}

}  // namespace seshat::bench
