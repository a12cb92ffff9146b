#include "services/catalog/fields.h"

#include <fmt/format.h>

#include "core/base/toml_text.h"

namespace seshat::catalog {

std::vector<std::string_view> TypesOf(const FieldInfo& field) {
  std::vector<std::string_view> types;
  if (field.numbers > 0) types.emplace_back("number");
  if (field.dates > 0) types.emplace_back("date");
  if (field.booleans > 0) types.emplace_back("boolean");
  if (field.texts > 0) types.emplace_back("text");
  return types;
}

Result<Hygiene> LookAtHygiene(MetadataStore& index, const std::vector<std::string>& names,
                              const std::vector<FieldAlias>& aliases) {
  SESHAT_ASSIGN(const std::vector<FieldInfo> fields, index.Fields({.names = names}));
  SESHAT_ASSIGN(const auto groups, FieldAliases::Make(aliases));
  return Hygiene{.alike = metadata::FindLikeKeys(fields, groups), .conflicts = metadata::FindKeyConflicts(fields)};
}

std::string_view KeyConflictName(KeyConflict::What what) {
  switch (what) {
    case KeyConflict::What::kTypes:
      return "types";
    case KeyConflict::What::kUnits:
      return "units";
    case KeyConflict::What::kMissingUnits:
      return "missing units";
  }
  return "";
}

std::string AliasLine(const FieldAlias& alias) {
  std::string others;
  for (const std::string& other : alias.others) others += (others.empty() ? "" : ", ") + TomlString(other);
  return fmt::format("{} = [{}]", TomlString(alias.name), others);
}

}  // namespace seshat::catalog
