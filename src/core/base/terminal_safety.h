// Which characters may not reach a terminal as they are: those that move its cursor or change its state (C0, DEL and C1
// controls), and those that make a text look like another one (zero-width, bidirectional and line-breaking characters).
#pragma once

namespace seshat {

constexpr bool IsUnsafeOnTerminal(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

}  // namespace seshat
