// A session as the blob store has it, for the commands that lead back to its files.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/records/manifest.h"
#include "core/records/session_id.h"
#include "ports/blob_store.h"

namespace seshat::cli {

// The session's newest revision. kNotFound where there is none.
Result<Manifest> NewestManifest(BlobStore& store, const SessionId& id);

// Every receipt of the session, by key. A record that cannot be read is an error.
Result<std::vector<Receipt>> ReceiptsOf(BlobStore& store, const SessionId& id);

// The ids of all sessions with at least one finished revision, in order; false from `each` ends it.
Status ForEachSession(BlobStore& store, const std::function<bool(const SessionId&)>& each);

}  // namespace seshat::cli
