// Receipts and failure records as a session's document has them.
#pragma once

#include "core/query/session_document.h"
#include "services/records/record_reader.h"

namespace seshat::stored {

// A damaged record is a failed result that says so.
ResultDocument ResultOf(const StoredRecord& record);

// Puts the results of the document's files beside them, sorted by processor, then version.
void AddResults(const SessionRecords& records, SessionDocument& document);

}  // namespace seshat::stored
