#include "core/metadata/field_info.h"

#include <algorithm>

#include "core/metadata/units.h"

namespace seshat::metadata {

std::string_view FieldType(const FieldInfo& info) {
  const auto most = std::max({info.numbers, info.dates, info.booleans, info.texts});
  if (most == info.texts) return "text";
  if (most == info.dates) return "date";
  if (most == info.booleans) return "boolean";
  // Numbers without a unit take that of the others.
  for (const auto& unit : info.units) {
    if (unit.value.empty()) continue;
    const auto family = FamilyOf(unit.value);
    if (family == "time") return "duration";
    return family.empty() ? "number" : family;
  }
  return "number";
}

}  // namespace seshat::metadata
