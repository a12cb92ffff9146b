#include "http_sink.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace seshat::bench {
namespace {

constexpr std::string_view kAnswer =
    "HTTP/1.1 200 OK\r\nx-amz-request-id: 0123456789ABCDEF\r\nDate: Mon, 23 Nov 2026 06:00:00 GMT\r\n"
    "ETag: \"d41d8cd98f00b204e9800998ecf8427e\"\r\nx-amz-checksum-crc64nvme: AAAAAAAAAAA=\r\n"
    "Content-Length: 0\r\nServer: sink\r\n\r\n";

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

bool Watch(int epoll, int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

// One connection of the sink.
struct Taking {
  posix::UniqueFd fd;
  std::string head;
  uint64_t body_left = 0;

  // False: it is over.
  bool Take(std::vector<char>& buffer) {
    const ssize_t got = recv(fd.get(), buffer.data(), buffer.size(), 0);
    if (got <= 0) return false;
    std::string_view bytes(buffer.data(), static_cast<size_t>(got));
    while (!bytes.empty() || (body_left == 0 && !head.empty())) {
      if (body_left > 0) {
        const size_t skipped = std::min<uint64_t>(body_left, bytes.size());
        bytes.remove_prefix(skipped);
        body_left -= skipped;
        if (body_left == 0 && !Answer()) return false;
        continue;
      }
      head.append(bytes);
      const size_t end = head.find("\r\n\r\n");
      if (end == std::string::npos) return true;
      bytes = bytes.substr(bytes.size() - (head.size() - end - 4));
      const size_t at = head.find("Content-Length: ");
      if (at < end) std::from_chars(head.data() + at + 16, head.data() + end, body_left);
      head.clear();
      if (body_left == 0 && !Answer()) return false;
    }
    return true;
  }
  bool Answer() const {
    return send(fd.get(), kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(kAnswer.size());
  }
};

// One connection of the floor: sends head and body with as few calls as it takes.
struct Sending {
  posix::UniqueFd fd;
  size_t sent = 0;

  bool Send(const std::string& head, const std::string& body) {
    while (sent < head.size() + body.size()) {
      const size_t of_head = std::min(sent, head.size());
      const size_t of_body = sent - of_head;
      std::array<iovec, 2> parts = {{{const_cast<char*>(head.data()) + of_head, head.size() - of_head},
                                     {const_cast<char*>(body.data()) + of_body, body.size() - of_body}}};
      const ssize_t got = writev(fd.get(), parts.data(), 2);
      if (got <= 0) return false;
      sent += static_cast<size_t>(got);
    }
    sent = 0;
    return true;
  }
};

}  // namespace

std::optional<posix::UniqueFd> ListenOnLoopback(uint16_t& port) {
  posix::UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(fd.get(), generic, size) != 0 || listen(fd.get(), 512) != 0 || getsockname(fd.get(), generic, &size) != 0)
    return std::nullopt;
  port = ntohs(address.sin_port);
  return fd;
}

void ServeSink(int listener) {
  const posix::UniqueFd epoll(epoll_create1(EPOLL_CLOEXEC));
  Watch(epoll.get(), listener);
  std::unordered_map<int, Taking> connections;
  std::vector<char> buffer(size_t{1} << 20);
  std::array<epoll_event, 64> events;
  for (;;) {
    const int count = epoll_wait(epoll.get(), events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      const int fd = events[static_cast<size_t>(i)].data.fd;
      if (fd != listener) {
        if (!connections.at(fd).Take(buffer)) connections.erase(fd);
        continue;
      }
      posix::UniqueFd accepted(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
      const int on = 1;
      setsockopt(accepted.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      if (Watch(epoll.get(), accepted.get())) connections[accepted.get()].fd = std::move(accepted);
    }
  }
}

bool RunFloor(uint16_t port, int count, size_t size, int connections) {
  const std::string head = fmt::format(
      "PUT /bucket/session/raw/sensor-000001.bin HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Length: {}\r\n\r\n", port,
      size);
  const std::string body(size, 'x');
  const posix::UniqueFd epoll(epoll_create1(EPOLL_CLOEXEC));
  std::unordered_map<int, Sending> senders;
  int started = 0;
  for (int i = 0; i < connections; ++i) {
    posix::UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_in address = Loopback(port);
    const int on = 1;
    setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return false;
    if (!Watch(epoll.get(), fd.get())) return false;
    Sending& sending = senders[fd.get()];
    sending.fd = std::move(fd);
    if (!sending.Send(head, body)) return false;
    ++started;
  }
  std::array<epoll_event, 64> events;
  std::array<char, 4096> answer;
  for (int ended = 0; ended < count;) {
    const int ready = epoll_wait(epoll.get(), events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < ready; ++i) {
      Sending& sending = senders.at(events[static_cast<size_t>(i)].data.fd);
      const ssize_t got = recv(sending.fd.get(), answer.data(), answer.size(), 0);
      if (got < 12 || std::string_view(answer.data(), 12) != "HTTP/1.1 200") return false;
      ++ended;
      if (started >= count) continue;
      if (!sending.Send(head, body)) return false;
      ++started;
    }
  }
  return true;
}

}  // namespace seshat::bench
