#include "views/field_table.h"

namespace seshat::views {

std::string_view JsonTypeName(FieldType type) {
  switch (type) {
    case FieldType::kText:
      return "text";
    case FieldType::kTime:
      return "time";
    case FieldType::kNumber:
      return "number";
    case FieldType::kBoolean:
      return "boolean";
    case FieldType::kObject:
    case FieldType::kNamed:
      return "object";
    case FieldType::kObjects:
    case FieldType::kTexts:
    case FieldType::kNumbers:
      return "array";
    case FieldType::kAny:
      return "any";
  }
  return "any";
}

}  // namespace seshat::views
