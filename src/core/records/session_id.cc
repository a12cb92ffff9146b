#include "core/records/session_id.h"

#include <fmt/format.h>

#include "core/base/utf8.h"
#include "core/records/blob_key.h"

namespace seshat::records {
namespace {

std::string_view ReasonAgainst(std::string_view text) {
  if (text.empty()) return "it is empty";
  if (text.size() > SessionId::kMaxBytes) return "it is longer than 200 bytes";
  if (!IsValidUtf8(text)) return "it is not UTF-8";
  if (text.front() == '.') return "it starts with a dot";
  if (text.front() == ' ' || text.back() == ' ') return "it starts or ends with a blank";
  if (text.find_first_of("/\\") != std::string_view::npos) return "it holds a slash or backslash";
  if (!BlobKey::Parse(text)) return "it holds a character that no key can hold";
  if (EscapeForTerminal(text) != text) return "it holds a control or invisible character";
  return {};
}

}  // namespace

Result<SessionId> SessionId::Parse(std::string_view text) {
  if (const auto reason = ReasonAgainst(text); !reason.empty()) {
    return Fail(ErrorCode::kInvalidArgument, fmt::format("'{}' cannot be a session id: {}; rename it at the source",
                                                         EscapeForTerminal(text.substr(0, 256)), reason));
  }
  return SessionId(std::string(text));
}

Status CheckName(std::string_view noun, std::string_view text) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  if (!text.empty() && text.size() <= 64 && text.find_first_not_of(kAllowed) == std::string_view::npos &&
      text.front() != '.' && text.front() != '-')
    return {};
  return Fail(
      ErrorCode::kInvalidArgument,
      fmt::format("'{}' cannot name a {}: use 1 to 64 letters, digits, '.', '_' or '-', starting with a letter, "
                  "digit or '_'",
                  EscapeForTerminal(text.substr(0, 80)), noun));
}

}  // namespace seshat::records
