// Opening by relative path without ever leaving a directory or following a link. Private to this adapter.
#pragma once

#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/records/fingerprint.h"
#include "platform/posix/unique_fd.h"

struct statx;

namespace seshat::posix_source {

// openat2 with RESOLVE_BENEATH and no links of any kind. -1 with errno.
int OpenBeneath(int root, const std::string& path, int flags);

// Attributes of `name` in `directory`, or of `directory` itself where it is empty. False with errno.
bool StatAt(int directory, const char* name, struct statx& out);
FileStat FileStatOf(const struct statx& stx);

// For reading, without touching access times where the system lets us.
posix::UniqueFd ReopenForReading(int path_fd);

}  // namespace seshat::posix_source
