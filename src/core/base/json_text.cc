#include "core/base/json_text.h"

#include <fmt/format.h>

#include <cstdint>

#include "core/base/terminal_safety.h"
#include "core/base/utf8.h"

namespace seshat {

std::string EscapeControlsInJson(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  while (!json.empty()) {
    const auto point = DecodeUtf8(json);
    const size_t length = point ? point->bytes : 1;
    // Below 0x20 only the blanks of JSON itself are left: a string holds none.
    if (point && point->value >= 0x7F && IsUnsafeOnTerminal(point->value)) {
      out += fmt::format("\\u{:04x}", static_cast<uint32_t>(point->value));
    } else {
      out += json.substr(0, length);
    }
    json.remove_prefix(length);
  }
  return out;
}

}  // namespace seshat
