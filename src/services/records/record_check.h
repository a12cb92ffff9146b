// Decoding a record, and holding it against its key.
#pragma once

#include <string_view>

#include "core/base/error.h"
#include "core/records/keys.h"
#include "core/records/manifest.h"
#include "core/records/session_id.h"

namespace seshat::stored {

// kDataLoss, naming the key, where the text is no such record, or is about another session, file, processor or version
// than its key says, or names an output that does not lie below its own place.
Result<Receipt> DecodeReceiptAt(const SessionId& id, const keys::RecordName& name, std::string_view text);
Result<ProcessingFailure> DecodeFailureAt(const SessionId& id, const keys::RecordName& name, std::string_view text);

}  // namespace seshat::stored
