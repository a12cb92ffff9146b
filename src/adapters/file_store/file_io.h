// System calls with the loops they need: interrupted ones are repeated, short ones continued. Errors are
// errno values, because callers branch on them; StoreError makes them readable at the end.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/error.h"
#include "platform/posix/unique_fd.h"

namespace seshat::file_store {

template <typename T>
using Errno = std::expected<T, int>;

// As PosixError, with what to do about it. Never kNotFound or kAlreadyExists, which mean objects: those
// callers make themselves.
Error StoreError(int error_number, std::string_view doing);
inline std::unexpected<Error> FailWith(int error_number, std::string_view doing) {
  return std::unexpected(StoreError(error_number, doing));
}

// Opens `path` below `directory`, following no link of any kind. ELOOP for a symbolic link, EXDEV for
// anything that would leave the directory.
Errno<posix::UniqueFd> OpenBeneath(int directory, const std::string& path, int flags, mode_t mode = 0);

Errno<void> WriteAll(int fd, ByteSpan data, uint64_t offset);
// How many bytes there were: fewer than asked for only at the end of the file.
Errno<size_t> ReadFull(int fd, MutableByteSpan out, uint64_t offset);
Errno<void> SyncFile(int fd);
Errno<void> LockFile(int fd);  // exclusive, not waiting: EWOULDBLOCK
// Starts writing a range back. What the file system cannot do is no error; a failed write is.
Errno<void> StartWriteback(int fd, uint64_t offset, uint64_t size);

}  // namespace seshat::file_store
