#include "platform/posix/posix_error.h"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

#include "core/base/utf8.h"

namespace seshat::posix {
namespace {

ErrorCode CodeOf(int error_number) {
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return ErrorCode::kResourceExhausted;
    case ENOENT:
    case ENOTDIR:
      return ErrorCode::kNotFound;
    case EEXIST:
      return ErrorCode::kAlreadyExists;
    case EACCES:
    case EPERM:
    case EROFS:
      return ErrorCode::kPermissionDenied;
    case EINVAL:
    case ENAMETOOLONG:
    case ELOOP:
    case EXDEV:
      return ErrorCode::kInvalidArgument;
    default:
      return ErrorCode::kUnavailable;
  }
}

}  // namespace

Error PosixError(int error_number, std::string_view doing) {
  return {CodeOf(error_number),
          fmt::format("{}: {}", EscapeForTerminal(doing), std::generic_category().message(error_number))};
}

}  // namespace seshat::posix
