// The name of a session: its directory's name, and the first segment of every key that belongs to it.
#pragma once

#include <compare>
#include <cstddef>
#include <string>
#include <string_view>

#include "core/base/error.h"

namespace seshat::records {

// One safe path segment of 1–200 bytes of UTF-8: no '/', '\', control or bidirectional-override character, not "."
// or "..", no leading '.' (hidden and temporary directories) and no leading or trailing blank. 200 leaves room
// for the rest of a key below S3's 1,024 bytes.
class SessionId {
 public:
  static constexpr size_t kMaxBytes = 200;

  // kInvalidArgument with the reason where `text` is no session id.
  static Result<SessionId> Parse(std::string_view text);

  const std::string& value() const { return value_; }
  auto operator<=>(const SessionId&) const = default;

 private:
  explicit SessionId(std::string value) : value_(std::move(value)) {}
  std::string value_;
};

// The same rule with another noun in the message: names of sources and processors (≤ 64 bytes, [A-Za-z0-9._-]
// only).
Status CheckName(std::string_view noun, std::string_view text);

}  // namespace seshat::records

namespace seshat {
using records::SessionId;
}  // namespace seshat
