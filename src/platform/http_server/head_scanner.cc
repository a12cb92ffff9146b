#include "platform/http_server/head_scanner.h"

namespace seshat::http_server {

bool IsTokenChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").contains(c));
}

std::optional<Refusal> HeadScanner::EndLine() {
  const size_t length = next_ - 1 - line_begin_;  // without CR LF
  if (lines_ == 0 && length == 0) return Refusal{400, "the request begins with an empty line"};
  if (lines_ > 0 && length == 0) {
    end_ = next_ + 1;
  } else if (lines_ > 0 && !after_colon_) {
    return Refusal{400, "a header has no colon"};
  }
  ++lines_;
  line_begin_ = next_ + 1;
  after_colon_ = false;
  return std::nullopt;
}

std::optional<Refusal> HeadScanner::Take(char c, size_t at) {
  if (c == '\n') {
    if (!after_cr_) return Refusal{400, "a line ends without a carriage return"};
    after_cr_ = false;
    return EndLine();
  }
  if (after_cr_) return Refusal{400, "a carriage return ends no line"};
  if (c == '\r') {
    after_cr_ = true;
    return std::nullopt;
  }
  const auto byte = static_cast<unsigned char>(c);
  if ((byte < 0x20 && c != '\t') || byte == 0x7f) return Refusal{400, "a control character in the head"};
  if (lines_ == 0) return std::nullopt;
  if (at == line_begin_ && (c == ' ' || c == '\t')) return Refusal{400, "a header goes on in a second line"};
  if (after_colon_) return std::nullopt;
  if (c == ':' && at > line_begin_) {
    after_colon_ = true;
  } else if (!IsTokenChar(c)) {
    return Refusal{400, "a header's name holds what it may not"};
  }
  return std::nullopt;
}

std::optional<Refusal> HeadScanner::Scan(std::string_view head, const ServerLimits& limits) {
  for (; next_ < head.size() && end_ == 0; ++next_) {
    if (lines_ == 0 && next_ > limits.request_line_bytes) return Refusal{414, "the request line is too long"};
    if (next_ >= limits.head_bytes) return Refusal{431, "the headers are too long"};
    if (auto refused = Take(head[next_], next_)) return refused;
    // The request line and the empty line are no headers.
    if (lines_ > limits.headers + (end_ != 0 ? 2 : 1)) return Refusal{431, "there are too many headers"};
  }
  return std::nullopt;
}

}  // namespace seshat::http_server
