#include "s3/connection.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "s3/pattern.h"

namespace seshat::bench {

Connection::Connection(int fd, SSL_CTX* tls, const Settings& settings, Bucket& bucket)
    : fd_(fd), settings_(settings), bucket_(bucket) {
  if (tls != nullptr) {
    ssl_.reset(SSL_new(tls));
    SSL_set_fd(ssl_.get(), fd);
    SSL_set_accept_state(ssl_.get());
  }
}
Connection::~Connection() { ::close(fd_); }

bool Connection::Run(std::vector<char>& scratch) {
  while (true) {
    if (due) return Clock::now() < *due || Release();
    if (wants_write()) {
      if (!Write()) return false;
      if (wants_write()) return true;
      continue;
    }
    const ssize_t got = Receive(scratch);
    if (got == 0) return false;
    if (got < 0) return true;
  }
}

bool Connection::Release() {
  due.reset();
  return true;
}

// More than 0: moved on; 0: closed; less: nothing at the moment.
ssize_t Connection::Receive(std::vector<char>& scratch) {
  const bool in_body = head_ && request_left_ > 0;
  const size_t most = in_body ? std::min<uint64_t>(scratch.size(), request_left_) : 64 << 10;
  ssize_t got = 0;
  if (ssl_) {
    got = SSL_read(ssl_.get(), scratch.data(), static_cast<int>(most));
    if (got <= 0) {
      const int why = SSL_get_error(ssl_.get(), static_cast<int>(got));
      return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? -1 : 0;
    }
  } else {
    // The kernel throws a body's bytes away by itself.
    got = ::recv(fd_, scratch.data(), most, MSG_DONTWAIT | (in_body ? MSG_TRUNC : 0));
    if (got < 0) return errno == EAGAIN ? -1 : 0;
    if (got == 0) return 0;
  }
  if (in_body) {
    request_left_ -= static_cast<uint64_t>(got);
    if (request_left_ == 0) EndRequest();
    return got;
  }
  in_.append(scratch.data(), static_cast<size_t>(got));
  const size_t end = in_.find("\r\n\r\n");
  if (end != std::string::npos) BeginRequest(end);
  return got;
}

void Connection::BeginRequest(size_t end) {
  head_ = ParseHead(std::string_view(in_).substr(0, end + 2));
  begun_ = Clock::now();
  request_bytes_ = Number(head_->Header("content-length"));
  if (!head_->Header("expect").empty()) out_ = "HTTP/1.1 100 Continue\r\n\r\n";
  const uint64_t here = in_.size() - end - 4;
  in_.clear();
  request_left_ = request_bytes_ - std::min(request_bytes_, here);
  if (request_left_ == 0) EndRequest();
}

void Connection::EndRequest() {
  Answer answer = bucket_.Serve(*head_, request_bytes_, begun_);
  head_.reset();
  out_ += answer.text;
  body_left_ = answer.bytes;
  body_at_ = answer.offset;
  const Clock::duration delay = DelayOf(settings_, request_bytes_ + answer.bytes);
  if (delay > Clock::duration::zero()) due = begun_ + delay;
}

bool Connection::Write() {
  while (!out_.empty() || body_left_ > 0) {
    const size_t at = body_at_ % kBlock;
    const std::string_view data =
        !out_.empty() ? std::string_view(out_)
                      : std::string_view(Pattern()).substr(at, std::min<uint64_t>(kBlock - at, body_left_));
    const ssize_t sent = ssl_ ? SSL_write(ssl_.get(), data.data(), static_cast<int>(data.size()))
                              : ::send(fd_, data.data(), data.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent <= 0)
      return ssl_ ? SSL_get_error(ssl_.get(), static_cast<int>(sent)) == SSL_ERROR_WANT_WRITE : errno == EAGAIN;
    if (!out_.empty()) {
      out_.erase(0, static_cast<size_t>(sent));
    } else {
      body_left_ -= static_cast<uint64_t>(sent);
      body_at_ += static_cast<uint64_t>(sent);
    }
  }
  return true;
}

}  // namespace seshat::bench
