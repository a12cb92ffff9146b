// What a hit shows in a table: one cell for each column.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/query/document_fields.h"
#include "core/query/session_document.h"

namespace seshat::cli {

// The columns of --csv, and of --table with --columns, where none are named: fixed fields.
const std::vector<std::string>& DefaultColumns();

// A fixed field or a metadata key, compared without regard to case. Several values are joined by "; "; empty where
// the session has none. As written, not escaped.
std::string CellOf(const SessionDocument& document, std::string_view column);
// The same with every value as `show` prints it.
using ShowValue = std::function<std::string(const FieldValue& value)>;
std::string CellOf(const SessionDocument& document, std::string_view column, const ShowValue& show);

// One line of comma-separated values (RFC 4180, ending in "\r\n"). A cell that a spreadsheet would take for a
// formula gets an apostrophe in front, which spreadsheets do not show; numbers stay as they are.
std::string CsvLine(const std::vector<std::string>& cells);

}  // namespace seshat::cli
