#include "platform/http_server/listener.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

#include "platform/posix/posix_error.h"

namespace seshat::http_server {
namespace {

// The kernel cuts it to net.core.somaxconn.
constexpr int kBacklog = 4096;

struct Address {
  sockaddr_storage bytes{};
  socklen_t length = 0;
  sockaddr* generic() { return reinterpret_cast<sockaddr*>(&bytes); }
};

std::optional<Address> ParseAddress(std::string text, uint16_t port) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  Address address;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.bytes);
  if (::inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    address.length = sizeof *v4;
    return address;
  }
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.bytes);
  if (::inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    address.length = sizeof *v6;
    return address;
  }
  return std::nullopt;
}

std::string Print(const Address& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.bytes.ss_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&address.bytes);
    ::inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof text);
    return fmt::format("[{}]:{}", text, ntohs(v6->sin6_port));
  }
  const auto* v4 = reinterpret_cast<const sockaddr_in*>(&address.bytes);
  ::inet_ntop(AF_INET, &v4->sin_addr, text, sizeof text);
  return fmt::format("{}:{}", text, ntohs(v4->sin_port));
}

}  // namespace

Result<Listener> Listen(const std::string& text, uint16_t port) {
  auto address = ParseAddress(text, port);
  if (!address) return Fail(ErrorCode::kInvalidArgument, fmt::format("'{}' is no IP address (like 127.0.0.1)", text));
  const auto failed = [&] {
    if (errno == EADDRINUSE)
      return Fail(ErrorCode::kAlreadyExists,
                  fmt::format("port {} is taken by another program: use another one, or 0 for any", port));
    return std::unexpected(posix::PosixError(errno, fmt::format("listening on {}", text)));
  };
  posix::UniqueFd fd(::socket(address->bytes.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return failed();
  const int on = 1;
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) return failed();
  if (::bind(fd.get(), address->generic(), address->length) != 0) return failed();
  if (::listen(fd.get(), kBacklog) != 0) return failed();
  if (::getsockname(fd.get(), address->generic(), &address->length) != 0) return failed();
  return Listener{std::move(fd), Print(*address)};
}

Arrival Accept(const Listener& listener) {
  Address address;
  while (true) {
    address.length = sizeof address.bytes;
    posix::UniqueFd fd(::accept4(listener.fd.get(), address.generic(), &address.length, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd.valid()) {
      const int on = 1;
      ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      return {.fd = std::move(fd), .peer = Print(address)};
    }
    // Whoever was next gave up before its turn.
    if (errno == ECONNABORTED || errno == EINTR) continue;
    return {.exhausted = errno != EAGAIN};
  }
}

}  // namespace seshat::http_server
