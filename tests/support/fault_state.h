// What the interposed functions ask. Not for tests.
#pragma once

#include <dlfcn.h>

#include <cstddef>

namespace seshat::testing {

enum class FaultFamily { kFiles, kSqlite };
enum class Strike { kNone, kFail, kFailAfter, kShorten };

// Counts a call of this thread and says what is to happen to it.
Strike CountCall(FaultFamily family, const char* name, bool moves_bytes = false);
int FaultErrno();
int FaultSqliteCode();
bool Armed();

// The definition behind ours: libc's, libsqlite3's, or a sanitizer's.
template <typename Function>
Function* NextDefinition(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace seshat::testing
