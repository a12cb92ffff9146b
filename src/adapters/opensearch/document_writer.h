// A session document as the JSON that is indexed: index_format.h has the mapping.
#pragma once

#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/base/time.h"
#include "core/query/session_document.h"

namespace seshat::opensearch {

// One line of a bulk request, without its end.
std::string WriteDocument(const SessionDocument& document, Timestamp indexed_at);

// `text` as a JSON string, quotes and all; invalid UTF-8 is replaced, since OpenSearch refuses it.
void AppendJsonString(std::string& out, std::string_view text);

}  // namespace seshat::opensearch
