// What metadata keys there are, and which of them are worth a look.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/metadata/key_hygiene.h"
#include "ports/metadata_store.h"

namespace seshat::catalog {

// The types that values of the field have: all of "number", "date", "boolean", "text" that occur.
std::vector<std::string_view> TypesOf(const FieldInfo& field);

struct Hygiene {
  std::vector<LikeKeys> alike;         // keys that look as if they meant the same
  std::vector<KeyConflict> conflicts;  // keys whose values do not go together
};

// Of the fields with these names, or of all metadata keys where none is named. Keys that `aliases` make one already
// are not alike any more. kInvalidArgument for aliases that contradict each other.
Result<Hygiene> LookAtHygiene(MetadataStore& index, const std::vector<std::string>& names,
                              const std::vector<FieldAlias>& aliases);

// "types", "units", "missing units".
std::string_view KeyConflictName(KeyConflict::What what);

// The line of [search.aliases] that makes keys that are alike one field: TOML.
std::string AliasLine(const FieldAlias& alias);

}  // namespace seshat::catalog
