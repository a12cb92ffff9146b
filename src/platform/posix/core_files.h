// What a crash of this process may leave behind.
#pragma once

namespace seshat::posix {

// No core file and no crash collector gets this process's memory, which holds credentials, and no other process of the
// same user may read it. Children that execute another program are not affected. Call it first of all (prctl(2),
// PR_SET_DUMPABLE).
void KeepMemoryOutOfCoreFiles();

}  // namespace seshat::posix
