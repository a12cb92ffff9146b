// What the tests of the HTTP client share.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "platform/http/sender.h"
#include "support/http_server.h"

namespace seshat::http {

inline std::unique_ptr<Client> NewClient(const ClientOptions& options = {}) { return MakeClient(options).value(); }

inline Request RequestTo(const testing::HttpServer& server, std::string method = "GET", std::string path = "/") {
  Request request;
  request.origin = ParseUrl(server.url())->origin;
  request.method = std::move(method);
  request.path = std::move(path);
  return request;
}

// Starts them all, polls until all have ended; outcomes in the order of the requests.
inline std::vector<Outcome> SendAll(Client& client, std::vector<Request> requests) {
  std::vector<Outcome> outcomes;
  outcomes.reserve(requests.size());
  for (size_t i = 0; i < requests.size(); ++i) outcomes.push_back({Fail(ErrorCode::kInternal, "not ended"), {}, {}});
  for (size_t i = 0; i < requests.size(); ++i)
    client.Start(std::move(requests[i]), [&, i](Outcome outcome) { outcomes[i] = std::move(outcome); });
  while (client.in_flight() > 0) client.Poll(std::chrono::seconds(10));
  return outcomes;
}

// A body of a pattern, made while it is read.
class PatternSource : public BodySource {
 public:
  explicit PatternSource(uint64_t size) : size_(size) {}
  uint64_t size() const override { return size_; }
  Result<size_t> Read(MutableByteSpan out) override {
    const size_t count = std::min<uint64_t>(out.size(), size_ - at_);
    for (size_t i = 0; i < count; ++i) out[i] = ByteAt(at_ + i);
    at_ += count;
    return count;
  }
  Status Rewind() override {
    at_ = 0;
    ++rewinds;
    return {};
  }
  static std::byte ByteAt(uint64_t position) { return static_cast<std::byte>((position * 2654435761U) >> 13); }
  std::string All() const {
    std::string out(size_, '\0');
    for (uint64_t i = 0; i < size_; ++i) out[i] = static_cast<char>(ByteAt(i));
    return out;
  }
  int rewinds = 0;

 private:
  uint64_t size_;
  uint64_t at_ = 0;
};

// Collects, and can refuse.
class TextSink : public ResponseSink {
 public:
  Status Begin(int status, const Headers& headers) override {
    ++begun;
    begin_status = status;
    length = headers.Get("content-length");
    text.clear();
    return on_begin;
  }
  Status Write(ByteSpan data) override {
    text += AsText(data);
    return on_write;
  }
  int begun = 0;
  int begin_status = 0;
  std::string length;
  std::string text;
  Status on_begin;
  Status on_write;
};

}  // namespace seshat::http
