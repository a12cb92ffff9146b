#include "platform/http_server/request_reader.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include "platform/http_server/target.h"

namespace seshat::http_server {

namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace asio = boost::asio;

namespace {

// A chunk's size line with its extensions, or all trailers.
constexpr size_t kMaxChunkLineBytes = 16 * 1024;

}  // namespace

class RequestParser final : public http::basic_parser<true> {
 public:
  RequestParser(Request& request, uint64_t body_limit) : request_(request), body_limit_(body_limit) {}
  const std::string& target() const { return target_; }
  HttpVersion version() const { return version_; }

 private:
  void on_request_impl(http::verb, beast::string_view method, beast::string_view target, int version,
                       beast::error_code&) override {
    version_ = version < 11 ? HttpVersion::k10 : HttpVersion::k11;
    request_.method = std::string(method);
    target_ = std::string(target);
  }
  void on_response_impl(int, beast::string_view, int, beast::error_code&) override {}
  void on_field_impl(http::field, beast::string_view name, beast::string_view value, beast::error_code&) override {
    if (is_header_done()) return;  // trailers: nobody asks for them
    std::string lower(name);
    for (char& c : lower)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    request_.headers.emplace_back(std::move(lower), std::string(value));
  }
  void on_header_impl(beast::error_code&) override {}
  void on_body_init_impl(const boost::optional<uint64_t>&, beast::error_code&) override {}
  size_t on_body_impl(beast::string_view body, beast::error_code& error) override { return Append(body, error); }
  void on_chunk_header_impl(uint64_t, beast::string_view extensions, beast::error_code& error) override {
    for (const char c : extensions)
      if (static_cast<unsigned char>(c) < 0x20 && c != '\t') error = http::error::bad_chunk_extension;
  }
  size_t on_chunk_body_impl(uint64_t, beast::string_view body, beast::error_code& error) override {
    return Append(body, error);
  }
  void on_finish_impl(beast::error_code&) override {}

  size_t Append(beast::string_view body, beast::error_code& error) {
    if (body.size() > body_limit_ - request_.body.size()) {
      error = http::error::body_limit;
      return 0;
    }
    request_.body.append(body.data(), body.size());
    return body.size();
  }

  Request& request_;
  const uint64_t body_limit_;
  std::string target_;
  HttpVersion version_ = HttpVersion::k11;
};

namespace {

// "GET / HTTP/2.0": what follows the target is a version, if not one of ours.
bool NamesAVersion(std::string_view head) {
  const std::string_view line = head.substr(0, head.find('\r'));
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (std::ranges::count(line, ' ') != 2) return false;
  const std::string_view version = line.substr(line.rfind(' ') + 1);
  return version.size() == 8 && version.starts_with("HTTP/") && digit(version[5]) && version[6] == '.' &&
         digit(version[7]);
}

Refusal RefusalOf(const beast::error_code& error, std::string_view head) {
  if (error == http::error::body_limit) return {413, "the body is too long"};
  if (error == http::error::bad_version && NamesAVersion(head)) return {505, "the server speaks HTTP/1.1"};
  return {400, "this is no HTTP request: " + error.message()};
}

}  // namespace

RequestReader::RequestReader(const ServerLimits& limits) : limits_(limits) {}
RequestReader::~RequestReader() = default;

std::optional<Refusal> RequestReader::Advance() {
  if (state_ == State::kEmpty && has_bytes()) state_ = State::kHead;
  if (state_ == State::kHead) return ReadHead();
  if (state_ == State::kBody) return ReadBody();
  return std::nullopt;
}

std::optional<Refusal> RequestReader::ReadHead() {
  if (auto refused = scanner_.Scan(buffer_, limits_)) return refused;
  if (scanner_.end() == 0) return std::nullopt;
  parser_ = std::make_unique<RequestParser>(request_, limits_.body_bytes);
  // What the scanner has let through fits; Beast counts a little differently.
  parser_->header_limit(static_cast<uint32_t>(limits_.head_bytes + 4));
  parser_->body_limit(limits_.body_bytes);
  beast::error_code error;
  const size_t used = parser_->put(asio::const_buffer(buffer_.data(), scanner_.end()), error);
  if (error && error != http::error::need_more) return RefusalOf(error, buffer_);
  if (used != scanner_.end() || !parser_->is_header_done()) return Refusal{400, "this is no HTTP request"};
  if (auto refused = CheckFields(request_, parser_->version())) return refused;
  if (!ParseTarget(parser_->target(), request_, authority_)) return Refusal{400, "the path is malformed"};
  buffer_.erase(0, used);
  version_ = parser_->version();
  keep_alive_ = parser_->keep_alive();
  has_body_ = !parser_->is_done();
  parser_->eager(true);
  state_ = has_body_ ? State::kBody : State::kComplete;
  return std::nullopt;
}

std::optional<Refusal> RequestReader::ReadBody() {
  if (buffer_.empty()) return std::nullopt;
  beast::error_code error;
  buffer_.erase(0, parser_->put(asio::const_buffer(buffer_.data(), buffer_.size()), error));
  if (error && error != http::error::need_more) return RefusalOf(error, {});
  if (parser_->is_done()) {
    state_ = State::kComplete;
  } else if (buffer_.size() > kMaxChunkLineBytes) {
    return Refusal{400, "a chunk's size line or the trailers are too long"};
  }
  return std::nullopt;
}

Request RequestReader::Take() {
  state_ = State::kEmpty;
  scanner_ = {};
  parser_.reset();
  authority_.reset();
  // An idle connection holds no memory for requests.
  if (buffer_.empty()) buffer_.shrink_to_fit();
  return std::exchange(request_, {});
}

}  // namespace seshat::http_server
