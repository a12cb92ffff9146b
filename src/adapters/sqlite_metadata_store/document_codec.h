// Session documents as the search index keeps them: lossless and quick to read. The JSON form takes twice the room and
// ten times as long, and a page of results reads fifty. Private to the adapter.
#pragma once

#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/query/session_document.h"

namespace seshat::sqlite_metadata_store {

std::string PackDocument(const SessionDocument& document);
// kDataLoss for what PackDocument did not make.
Result<SessionDocument> UnpackDocument(std::string_view bytes);

}  // namespace seshat::sqlite_metadata_store
