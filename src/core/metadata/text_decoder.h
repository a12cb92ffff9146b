// Turns a stream of UTF-8, or of UTF-16 with a byte order mark, into UTF-8 without one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace seshat::metadata {

// UTF-8 (and everything without a UTF-16 mark) passes as it is, valid or not. A broken surrogate of UTF-16
// becomes one invalid byte, so that whoever validates the text sees it.
class TextDecoder {
 public:
  // What `bytes` adds to the text. The view is valid until the next call; feed at most some 100 KiB at a
  // time, because UTF-16 is converted in memory.
  std::string_view Decode(std::string_view bytes);
  // What was held back.
  std::string_view Finish();

 private:
  enum class Encoding { kUnknown, kUtf8, kUtf16Little, kUtf16Big };
  void ReadMark(std::string_view& bytes, bool last);
  void AppendUnit(char16_t unit);

  Encoding encoding_ = Encoding::kUnknown;
  std::string held_;  // the first bytes, until the mark can be told
  std::optional<unsigned char> odd_byte_;
  char16_t high_surrogate_ = 0;
  std::string out_;
};

}  // namespace seshat::metadata

namespace seshat {
using metadata::TextDecoder;
}  // namespace seshat
