#include "core/records/blob_key.h"

#include <fmt/format.h>

#include "core/base/hex.h"
#include "core/base/utf8.h"

namespace seshat::records {
namespace {

bool IsForbiddenInKey(char32_t c) { return c < 0x20 || c == 0x7F || c == 0xFFFE || c == 0xFFFF; }

std::string_view ReasonAgainstCharacters(std::string_view text) {
  while (!text.empty()) {
    const auto point = DecodeUtf8(text);
    if (!point) return "it is not UTF-8";
    if (IsForbiddenInKey(point->value)) return "it holds a control character";
    text.remove_prefix(point->bytes);
  }
  return {};
}

std::string_view ReasonAgainst(std::string_view text) {
  if (text.empty()) return "it is empty";
  if (text.size() > BlobKey::kMaxBytes) return "it is longer than 1024 bytes";
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find('/', begin), text.size());
    const auto segment = text.substr(begin, end - begin);
    if (segment.empty()) return "it has an empty segment";
    if (segment == "." || segment == "..") return "it has a '.' or '..' segment";
    begin = end + 1;
  }
  return ReasonAgainstCharacters(text);
}

}  // namespace

Result<BlobKey> BlobKey::Parse(std::string_view text) {
  if (const auto reason = ReasonAgainst(text); !reason.empty()) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("'{}' cannot be a key: {}", EscapeForTerminal(text.substr(0, 256)), reason));
  }
  return BlobKey(std::string(text));
}

std::string EncodePath(std::string_view path) {
  std::string out;
  out.reserve(path.size());
  while (!path.empty()) {
    const auto point = DecodeUtf8(path);
    const size_t length = point ? point->bytes : 1;
    if (point && point->value != '%' && !IsForbiddenInKey(point->value)) {
      out += path.substr(0, length);
    } else {
      for (char c : path.substr(0, length)) out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    path.remove_prefix(length);
  }
  return out;
}

Result<std::string> DecodePath(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    const int high = i + 2 < text.size() ? HexDigitValue(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? HexDigitValue(text[i + 2]) : -1;
    if (high < 0 || low < 0) return Fail(ErrorCode::kInvalidArgument, "'%' must be followed by two hexadecimal digits");
    out.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return out;
}

}  // namespace seshat::records
