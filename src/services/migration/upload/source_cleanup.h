// Deleting at the source, for those who configured it: only files whose bytes, read again just before, are those in
// the store's newest manifest, only after the retention time, and with a note that says where they went.
#pragma once

#include "services/migration/upload/upload_context.h"

namespace seshat::migration {

// All sessions of the source that are due; a session that has changed is left alone. Crash-safe: files are marked in
// the journal before they go, so that their absence makes no revision.
Status CleanSource(UploadContext& context, SourceRuntime& source);

}  // namespace seshat::migration
