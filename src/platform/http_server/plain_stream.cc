#include <sys/socket.h>

#include <cerrno>

#include "platform/http_server/stream.h"

namespace seshat::http_server {
namespace {

class PlainStream : public Stream {
 public:
  explicit PlainStream(posix::UniqueFd fd) : fd_(std::move(fd)) {}

  Step Read(std::span<char> into) override {
    const ssize_t got = ::recv(fd_.get(), into.data(), into.size(), MSG_DONTWAIT);
    if (got > 0) return {Outcome::kMoved, static_cast<size_t>(got)};
    return {got < 0 && (errno == EAGAIN || errno == EINTR) ? Outcome::kAwaitRead : Outcome::kOver};
  }

  Step Write(std::string_view data) override {
    const ssize_t sent = ::send(fd_.get(), data.data(), data.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) return {Outcome::kMoved, static_cast<size_t>(sent)};
    return {sent < 0 && (errno == EAGAIN || errno == EINTR) ? Outcome::kAwaitWrite : Outcome::kOver};
  }

  bool PeerIsGone() override {
    char byte = 0;
    const ssize_t got = ::recv(fd_.get(), &byte, 1, MSG_DONTWAIT | MSG_PEEK);
    return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
  }

  void EndWriting() override { ::shutdown(fd_.get(), SHUT_WR); }
  int descriptor() const override { return fd_.get(); }

 private:
  const posix::UniqueFd fd_;
};

}  // namespace

std::unique_ptr<Stream> MakePlainStream(posix::UniqueFd fd) { return std::make_unique<PlainStream>(std::move(fd)); }

}  // namespace seshat::http_server
