// The list of a session's files, made from a fresh look at the source, in the journal.
#pragma once

#include "core/base/error.h"
#include "services/migration/upload/file_plan.h"
#include "services/migration/upload/upload_context.h"

namespace seshat::migration {

struct SessionPlan {
  Fingerprint fingerprint;  // of what was planned
  uint64_t unfinished = 0;  // files that need a look
};

// `progress` (with its new plan number) is journaled together with the first files, before any other record names
// that number. Memory does not depend on the number of files. Errors: the source's (kNotFound: the session left),
// the journal's, kCancelled.
Result<SessionPlan> PlanSession(UploadContext& context, SourceRuntime& source, const SessionRef& session,
                                const Progress& progress, const PlanNumbers& numbers);

// The session's fingerprint as it is now.
Result<Fingerprint> FingerprintNow(SourceRuntime& source, std::string_view id, std::stop_token stop);

}  // namespace seshat::migration
