// Finds the end of a request's head, and refuses a head that two readers could take for two things (RFC 9112, 2.2, 5 and
// 11): line ends other than CR LF, control characters, folded lines, a space before a colon, lines that are no header.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "platform/http_server/server_options.h"

namespace seshat::http_server {

class HeadScanner {
 public:
  // All bytes since the head began; what was looked at before is not looked at again. Nothing: go on, see end().
  std::optional<Refusal> Scan(std::string_view head, const ServerLimits& limits);
  // Behind the empty line that ends the head; 0 while that has not come.
  size_t end() const { return end_; }

 private:
  std::optional<Refusal> Take(char c, size_t at);
  std::optional<Refusal> EndLine();

  size_t next_ = 0;
  size_t line_begin_ = 0;
  size_t lines_ = 0;
  size_t end_ = 0;
  bool after_cr_ = false;
  bool after_colon_ = false;
};

// RFC 9110, section 5.6.2.
bool IsTokenChar(char c);

}  // namespace seshat::http_server
