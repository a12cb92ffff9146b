// A client that sends any bytes, and looks at every byte of the answers.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <string>
#include <string_view>

#include "platform/posix/unique_fd.h"

namespace seshat::http_server {

class RawClient {
 public:
  // "127.0.0.1:41234"; no read waits longer than ten seconds.
  explicit RawClient(const std::string& address) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
    const timeval limit{10, 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  }

  // False: the server has closed.
  bool Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }
  void EndSending() { ::shutdown(fd_.get(), SHUT_WR); }

  std::string ReadToEnd() {
    while (ReadSome()) {
    }
    return std::exchange(buffer_, {});
  }
  // Up to and with `mark`; less where the server closes before it.
  std::string ReadUntil(std::string_view mark) {
    while (buffer_.find(mark) == std::string::npos)
      if (!ReadSome()) return std::exchange(buffer_, {});
    const size_t end = buffer_.find(mark) + mark.size();
    std::string text = buffer_.substr(0, end);
    buffer_.erase(0, end);
    return text;
  }
  // A head, and a body of the length that it tells.
  std::string ReadAnswer() {
    std::string answer = ReadUntil("\r\n\r\n");
    const size_t at = answer.find("Content-Length: ");
    size_t length = at == std::string::npos ? 0 : std::stoul(answer.substr(at + 16));
    while (buffer_.size() < length && ReadSome()) {
    }
    answer += buffer_.substr(0, length);
    buffer_.erase(0, length);
    return answer;
  }
  int descriptor() const { return fd_.get(); }

 private:
  bool ReadSome() {
    char bytes[64 * 1024];
    const ssize_t got = ::recv(fd_.get(), bytes, sizeof bytes, 0);
    if (got > 0) buffer_.append(bytes, static_cast<size_t>(got));
    return got > 0;
  }

  posix::UniqueFd fd_;
  std::string buffer_;
};

// Sends the request and reads until the server closes.
inline std::string Ask(const std::string& address, std::string_view request) {
  RawClient client(address);
  EXPECT_TRUE(client.Send(request));
  return client.ReadToEnd();
}

inline std::string Get(const std::string& address, const std::string& path) {
  return Ask(address, "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
}

}  // namespace seshat::http_server
