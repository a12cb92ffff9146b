// What `seshat` answers to the shell. docs/cli.md has the table.
#pragma once

#include "core/base/error.h"

namespace seshat::cli {

enum class ExitCode {
  kOk = 0,
  kFailed = 1,
  kUsage = 2,        // usage or configuration
  kPartial = 3,      // some of it was done; messages say what was not
  kCredentials = 4,  // missing, expired, or not allowed to do this
  kTryLater = 5,
  kIntegrity = 6,  // bytes are not what they must be
  kNotFound = 7,
};

ExitCode ExitCodeOf(ErrorCode code);

}  // namespace seshat::cli
