// UTF-8 as RFC 3629 defines it: no surrogates, no overlong forms, nothing above U+10FFFF.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace seshat {

struct CodePoint {
  char32_t value = 0;
  size_t bytes = 0;  // 1–4
};

// The first code point of `text`, or nothing where `text` is empty or does not start with a valid sequence.
std::optional<CodePoint> DecodeUtf8(std::string_view text);
// The one to four bytes of `c`, which must be a code point.
void AppendUtf8(char32_t c, std::string& out);
// Code points, an invalid byte counting as one.
size_t CountCodePoints(std::string_view text);
bool IsValidUtf8(std::string_view text);
// Every invalid byte becomes U+FFFD; valid text comes back unchanged.
std::string ReplaceInvalidUtf8(std::string_view text);
// For terminals: control characters, DEL, bidirectional overrides and invalid bytes become \xNN or \u{NNNN}.
std::string EscapeForTerminal(std::string_view text);

}  // namespace seshat
