#include "cli/search/search_columns.h"

namespace seshat::cli {
namespace {

// Spreadsheets skip blanks and line feeds before they look for a formula.
bool LooksLikeFormula(const std::string& cell) {
  const size_t first = cell.find_first_not_of(" \t\r\n\v\f");
  if (first == std::string::npos || std::string_view("=+-@").find(cell[first]) == std::string_view::npos) return false;
  const MetadataValue value = metadata::TypeValue(cell);
  return !value.number || !value.unit.empty();
}

}  // namespace

const std::vector<std::string>& DefaultColumns() {
  static const std::vector<std::string> kColumns{"session_id", "source",     "state", "started_at",
                                                 "ended_at",   "file_count", "bytes"};
  return kColumns;
}

std::string CellOf(const SessionDocument& document, std::string_view column) {
  return CellOf(document, column, [](const FieldValue& value) { return value.value.text; });
}

std::string CellOf(const SessionDocument& document, std::string_view column, const ShowValue& show) {
  const std::string wanted = metadata::FoldField(column);
  std::string cell;
  for (const FieldValue& value : query::FieldValues(document)) {
    if (value.kind == FieldKind::kKeyName || metadata::FoldField(value.field) != wanted) continue;
    if (!cell.empty()) cell += "; ";
    cell += show(value);
  }
  return cell;
}

std::string CsvLine(const std::vector<std::string>& cells) {
  std::string line;
  for (const std::string& cell : cells) {
    if (&cell != &cells.front()) line += ',';
    const bool formula = LooksLikeFormula(cell);
    const bool quoted = formula || cell.find_first_of(",\"\r\n") != std::string::npos;
    if (!quoted) {
      line += cell;
      continue;
    }
    line += formula ? "\"'" : "\"";
    for (const char c : cell) line.append(c == '"' ? 2 : 1, c);
    line += '"';
  }
  return line + "\r\n";
}

}  // namespace seshat::cli
