// The files of a session and their results, as --json prints them.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "cli/search/storage_states.h"
#include "core/query/session_document.h"

namespace seshat::cli {

// For each file: path (percent-encoded), key, url, size, sha256, storage_state, results (processor, version,
// outcome, reason, outputs: name, key, url, size, storage_state).
boost::json::array JsonOfFiles(const SessionDocument& document, StorageStates& states);

// Key and value of each entry, in the order of the text.
boost::json::array JsonOfMetadata(const SessionDocument& document);

}  // namespace seshat::cli
