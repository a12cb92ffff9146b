#include "platform/posix/core_files.h"

#include <sys/prctl.h>

namespace seshat::posix {

// It fails for values other than 0 and 1 only.
void KeepMemoryOutOfCoreFiles() { ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

}  // namespace seshat::posix
