// errno as an Error: the one mapping for everything that talks to the kernel.
#pragma once

#include <string_view>

#include "core/base/error.h"

namespace seshat::posix {

// `doing` says what was tried, on what: "linking /srv/store/x". ENOSPC, EDQUOT, EMFILE, ENFILE, ENOMEM:
// kResourceExhausted; ENOENT, ENOTDIR: kNotFound; EEXIST: kAlreadyExists; EACCES, EPERM, EROFS:
// kPermissionDenied; EINVAL, ENAMETOOLONG, ELOOP, EXDEV: kInvalidArgument; EIO, EAGAIN, EBUSY, ESTALE,
// ETIMEDOUT and what is not known: kUnavailable.
Error PosixError(int error_number, std::string_view doing);

}  // namespace seshat::posix
