// A session as JSON: its page, its files, its metadata.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "core/query/session_document.h"
#include "services/catalog/session_storage.h"
#include "views/field_table.h"

namespace seshat::views {

extern const Table kSession;
extern const Table kFile;
extern const Table kResult;
extern const Table kOutput;
extern const Table kMetadataEntry;

boost::json::object JsonOf(const SessionDocument& document, const catalog::SessionStorage& storage);
// In the order of the document.
boost::json::array JsonOfFiles(const SessionDocument& document, const catalog::SessionStorage& storage);
// In the order of the text.
boost::json::array JsonOfMetadata(const SessionDocument& document);

}  // namespace seshat::views
