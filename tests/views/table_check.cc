#include "views/table_check.h"

#include <algorithm>
#include <boost/json.hpp>

#include "core/base/time.h"
#include "core/base/utf8.h"

namespace seshat::views {
namespace {

namespace bj = boost::json;

bool AllAre(const bj::value& value, bool (*is)(const bj::value&)) {
  return value.is_array() && std::ranges::all_of(value.as_array(), is);
}

bool IsText(const bj::value& value) {
  return value.is_string() && ReplaceInvalidUtf8(value.as_string()) == value.as_string();
}
bool IsTime(const bj::value& value) { return value.is_string() && ParseTimestamp(value.as_string()).has_value(); }
bool IsNumber(const bj::value& value) { return value.is_number(); }
bool IsObject(const bj::value& value) { return value.is_object(); }

bool HasType(const bj::value& value, FieldType type) {
  switch (type) {
    case FieldType::kText:
      return IsText(value);
    case FieldType::kTime:
      return IsTime(value);
    case FieldType::kNumber:
      return IsNumber(value);
    case FieldType::kBoolean:
      return value.is_bool();
    case FieldType::kObject:
    case FieldType::kNamed:
      return IsObject(value);
    case FieldType::kObjects:
      return AllAre(value, IsObject);
    case FieldType::kTexts:
      return AllAre(value, IsText);
    case FieldType::kNumbers:
      return AllAre(value, IsNumber);
    case FieldType::kAny:
      return true;
  }
  return false;
}

std::string Inner(const std::string& path, const Field& field) {
  return path + std::string(field.name) + (field.type == FieldType::kObjects ? "[]." : ".");
}

}  // namespace

std::vector<std::string> Differences(const bj::object& object, const Table& table, std::set<std::string>& printed,
                                     const std::string& path) {
  std::vector<std::string> wrong;
  for (const auto& member : object) {
    const bool known =
        std::ranges::any_of(table.fields, [&](const Field& f) { return f.name == std::string_view(member.key()); });
    if (!known) wrong.push_back(path + std::string(member.key()) + " is not in the table");
  }
  for (const Field& field : table.fields) {
    const std::string name = path + std::string(field.name);
    const bj::value* value = object.if_contains(field.name);
    if (value == nullptr) {
      if (field.presence != Presence::kOptional) wrong.push_back(name + " is not printed");
      continue;
    }
    if (value->is_null() && field.presence == Presence::kNullable) continue;
    printed.insert(name);
    if (!HasType(*value, field.type)) {
      wrong.push_back(name + " is no " + std::string(JsonTypeName(field.type)));
      continue;
    }
    if (field.of == nullptr) continue;
    const auto add = [&](const bj::value& inner) {
      std::ranges::move(Differences(inner.as_object(), *field.of, printed, Inner(path, field)),
                        std::back_inserter(wrong));
    };
    if (field.type == FieldType::kObject) add(*value);
    if (field.type == FieldType::kObjects) std::ranges::for_each(value->as_array(), add);
  }
  return wrong;
}

std::set<std::string> AllFields(const Table& table, const std::string& path) {
  std::set<std::string> all;
  for (const Field& field : table.fields) {
    all.insert(path + std::string(field.name));
    if (field.of != nullptr) all.merge(AllFields(*field.of, Inner(path, field)));
  }
  return all;
}

}  // namespace seshat::views
