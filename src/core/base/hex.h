// Hexadecimal text, lower case out, either case in.
#pragma once

#include <string>
#include <string_view>

#include "core/base/bytes.h"

namespace seshat {

std::string HexEncode(ByteSpan data);
// False, with `out` unspecified, unless `text` is exactly two digits for every byte of `out`.
bool HexDecode(std::string_view text, MutableByteSpan out);
// 0–15, or -1.
int HexDigitValue(char digit);

}  // namespace seshat
