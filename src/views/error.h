// What went wrong, as JSON.
#pragma once

#include <boost/json/object.hpp>
#include <string_view>

#include "core/base/error.h"
#include "views/field_table.h"

namespace seshat::views {

extern const Table kError;
extern const Table kFailedFile;

// Callers branch on the code, never on the text.
boost::json::object JsonOf(const Error& error);
// A file that could not be fetched or verified; `path` are raw bytes.
boost::json::object JsonOfFailedFile(std::string_view path, const Error& error);

}  // namespace seshat::views
