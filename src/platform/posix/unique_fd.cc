#include "platform/posix/unique_fd.h"

#include <unistd.h>

namespace seshat::posix {

void UniqueFd::Reset() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

}  // namespace seshat::posix
