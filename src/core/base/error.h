// Errors are values. Every port and service answers Result<T>; no exception crosses a port.
//
// Callers branch on the code, never on the text. The text is for people: lower case, says what was tried,
// what went wrong and what to do next; context is added on the way up with WithContext.
#pragma once

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace seshat {

enum class ErrorCode {
  kInvalidArgument,    // the caller's words are off; the same call can never succeed
  kNotFound,           // no such key, session, event, field
  kAlreadyExists,      // create-only, and somebody else's object is there
  kPermissionDenied,   // known caller, not allowed
  kUnauthenticated,    // no credential, expired, or refused
  kResourceExhausted,  // disk full, quota, too many open files: needs a person or time
  kUnavailable,        // passing fault: try again later (see Error::retry_after)
  kDeadlineExceeded,   // did not finish in time; whether it took effect is unknown
  kCancelled,          // the stop token was triggered
  kDataLoss,           // bytes or structure are not what they must be
  kArchived,           // the object is in cold storage: restore it first
  kSourceChanged,      // the body changed while it was read: not ready, not a failure
  kUnsupported,        // this adapter says in capabilities() that it cannot do this
  kInternal,           // a broken assumption of ours
};

// "not_found" for kNotFound, and so on: the spelling in logs, JSON and metrics.
std::string_view ErrorCodeName(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
  // When the far side said how long to wait. Absent: the caller's own backoff decides.
  std::optional<std::chrono::milliseconds> retry_after = std::nullopt;

  // True where the same call may succeed later without anybody's help.
  bool retryable() const { return code == ErrorCode::kUnavailable || code == ErrorCode::kDeadlineExceeded; }
  // "uploading raw/a.bin: disk is full"
  Error WithContext(std::string_view context) &&;
  std::string ToString() const;  // "not_found: no session 'x'"
};

template <typename T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

inline std::unexpected<Error> Fail(ErrorCode code, std::string message) {
  return std::unexpected(Error{code, std::move(message)});
}

}  // namespace seshat

#define SESHAT_CONCAT_INNER(a, b) a##b
#define SESHAT_CONCAT(a, b) SESHAT_CONCAT_INNER(a, b)

// Returns the error of a Status (or Result) expression from the enclosing function, or goes on.
#define SESHAT_TRY(expression) SESHAT_TRY_INNER(SESHAT_CONCAT(seshat_status_, __COUNTER__), expression)
#define SESHAT_TRY_INNER(status, expression)              \
  do {                                                    \
    if (auto status = (expression); !status) [[unlikely]] \
      return std::unexpected(std::move(status).error());  \
  } while (false)

// SESHAT_ASSIGN(auto x, Compute()): declares or assigns x from the value, or returns the error.
#define SESHAT_ASSIGN(lhs, expression) SESHAT_ASSIGN_INNER(SESHAT_CONCAT(seshat_result_, __COUNTER__), lhs, expression)
#define SESHAT_ASSIGN_INNER(result, lhs, expression)   \
  auto result = (expression);                          \
  if (!result) [[unlikely]]                            \
    return std::unexpected(std::move(result).error()); \
  lhs = std::move(result).value()
