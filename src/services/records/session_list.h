// The sessions that a blob store holds.
#pragma once

#include <functional>
#include <stop_token>
#include <vector>

#include "core/base/error.h"
#include "core/records/session_id.h"
#include "ports/blob_store.h"

namespace seshat::stored {

// Every first segment of a key that is a session id, in the order of bytes; one list request for 1,000 of them.
// A session without a manifest is among them: it is still being uploaded. Ends with the first error of `each`, and
// answers it; kCancelled; what the store answers.
Status ForEachSession(BlobStore& store, const std::function<Status(const SessionId&)>& each,
                      const std::stop_token& stop);

// The same, at once.
Result<std::vector<SessionId>> ListSessions(BlobStore& store, const std::stop_token& stop);

}  // namespace seshat::stored
