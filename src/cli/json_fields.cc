#include "cli/json_fields.h"

#include <string>

namespace seshat::cli {
namespace {

struct Path {
  std::string names;  // "hits[]."
  std::string_view when;
  bool optional = false;
};

void Add(const views::Table& table, const Path& path, std::vector<JsonField>& rows) {
  for (const views::Field& field : table.fields) {
    const std::string name = path.names + std::string(field.name);
    const bool optional = path.optional || field.presence == views::Presence::kOptional;
    std::string type(views::JsonTypeName(field.type));
    if (field.presence == views::Presence::kNullable) type += '?';
    rows.push_back({name + (optional ? "?" : ""), type, std::string(path.when) + std::string(field.help)});
    if (field.of == nullptr) continue;
    Add(*field.of, {.names = name + (field.type == views::FieldType::kObjects ? "[]." : "."), .when = ""}, rows);
  }
}

}  // namespace

std::vector<JsonField> JsonFieldsOf(const views::Table& table, std::string_view when) {
  std::vector<JsonField> rows;
  Add(table, {.names = "", .when = when, .optional = !when.empty()}, rows);
  return rows;
}

std::vector<JsonField> Joined(std::vector<JsonField> first, const std::vector<JsonField>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

}  // namespace seshat::cli
