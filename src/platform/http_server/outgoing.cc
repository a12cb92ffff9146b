#include "platform/http_server/outgoing.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "platform/http_server/head_scanner.h"

namespace seshat::http_server {
namespace {

// RFC 9110, section 15: the words are for people who look at the wire.
std::string_view Reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "";
  }
}

bool IsServersOwn(std::string_view name) {
  return std::ranges::any_of(
      std::to_array<std::string_view>({"content-length", "transfer-encoding", "connection", "date"}),
      [&](std::string_view own) { return EqualsIgnoringCase(name, own); });
}

bool CanBeSent(const Response& response) {
  const auto clean = [](char c) { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != '\x7f'); };
  return response.status >= 200 && response.status <= 599 &&
         std::ranges::all_of(response.headers, [&](const auto& header) {
           return !header.first.empty() && std::ranges::all_of(header.first, IsTokenChar) &&
                  std::ranges::all_of(header.second, clean);
         });
}

}  // namespace

Outgoing::Outgoing(Response response, HeadFacts facts) : facts_(std::move(facts)) {
  if (!CanBeSent(response)) response = PlainText(500, "the answer cannot be sent\n");
  const bool has_body = response.status != 204 && response.status != 304;
  std::optional<uint64_t> length;
  if (const auto* text = std::get_if<std::string>(&response.body)) {
    length = text->size();
  } else if (const auto* pulled = std::get_if<PulledBody>(&response.body)) {
    length = pulled->bytes;
  }
  if (has_body && !length) {
    chunked_ = facts_.version == HttpVersion::k11;
    if (!chunked_) facts_.close = true;
  }
  WriteHead(response, length, has_body);
  if (!has_body || facts_.head_only) return;
  if (const auto* text = std::get_if<std::string>(&response.body)) {
    out_ += *text;
    return;
  }
  ended_ = false;
  if (auto* pulled = std::get_if<PulledBody>(&response.body)) pulled_ = std::move(*pulled);
  if (auto* pushed = std::get_if<PushedBody>(&response.body)) pushed_ = std::move(*pushed);
}

void Outgoing::WriteHead(const Response& response, std::optional<uint64_t> length, bool has_body) {
  auto out = std::back_inserter(out_);
  fmt::format_to(out, "HTTP/1.1 {} {}\r\n", response.status, Reason(response.status));
  if (!facts_.date.empty()) fmt::format_to(out, "Date: {}\r\n", facts_.date);
  for (const auto& [name, value] : response.headers)
    if (!IsServersOwn(name)) fmt::format_to(out, "{}: {}\r\n", name, value);
  // Nothing that is served may be taken for something else because of its content.
  out_ += "X-Content-Type-Options: nosniff\r\n";
  if (chunked_) {
    out_ += "Transfer-Encoding: chunked\r\n";
  } else if (has_body && length) {
    fmt::format_to(out, "Content-Length: {}\r\n", *length);
  }
  if (facts_.close) {
    out_ += "Connection: close\r\n";
  } else if (facts_.version == HttpVersion::k10) {
    out_ += "Connection: keep-alive\r\n";
  }
  out_ += "\r\n";
}

void Outgoing::Sent(size_t bytes) {
  sent_ += bytes;
  if (sent_ < out_.size()) return;
  sent_ = 0;
  out_.clear();
  if (ended_) out_.shrink_to_fit();
}

void Outgoing::AddChunk(std::string_view data) {
  if (data.empty()) return;
  if (chunked_) fmt::format_to(std::back_inserter(out_), "{:x}\r\n", data.size());
  out_ += data;
  if (chunked_) out_ += "\r\n";
}

void Outgoing::EndBody() {
  if (ended_) return;
  if (chunked_) out_ += "0\r\n\r\n";
  ended_ = true;
}

bool Outgoing::AddPiece(Result<std::string> piece) {
  if (!piece) return false;
  pulled_bytes_ += piece->size();
  if (pulled_->bytes && (pulled_bytes_ > *pulled_->bytes || (piece->empty() && pulled_bytes_ < *pulled_->bytes)))
    return false;
  AddChunk(*piece);
  if (piece->empty() || pulled_bytes_ == pulled_->bytes) EndBody();
  return true;
}

}  // namespace seshat::http_server
