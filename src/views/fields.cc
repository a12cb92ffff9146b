#include "views/fields.h"

#include <boost/json.hpp>

namespace seshat::views {
namespace {

namespace bj = boost::json;

constexpr Field kValueCountFields[] = {
    {"value", FieldType::kText, "as it is written"},
    {"count", FieldType::kNumber, "sessions that have it"},
};
constexpr Field kFieldInfoFields[] = {
    {"name", FieldType::kText, "as most sessions write it"},
    {"type", FieldType::kText, "of most sessions: number, text, date, boolean, duration, size, voltage …"},
    {"types", FieldType::kTexts, "all of number, date, boolean, text that occur"},
    {"sessions", FieldType::kNumber, "that have it"},
    {"coverage", FieldType::kNumber, "share of all sessions"},
    {"numbers", FieldType::kNumber, "sessions with such a value"},
    {"dates", FieldType::kNumber, "sessions with such a value"},
    {"booleans", FieldType::kNumber, "sessions with such a value"},
    {"texts", FieldType::kNumber, "sessions with a value that is none of these"},
    {"units", FieldType::kObjects, "of numbers, as they are written", Presence::kAlways, &kValueCount},
    {"top_values", FieldType::kObjects, "the most frequent ones", Presence::kAlways, &kValueCount},
};
constexpr Field kFieldListFields[] = {
    {"fields", FieldType::kObjects, "sorted by name", Presence::kAlways, &kFieldInfo},
};
constexpr Field kKeyCountFields[] = {
    {"name", FieldType::kText, "of the key"},
    {"sessions", FieldType::kNumber, "that have it"},
};
constexpr Field kLikeKeysFields[] = {
    {"keys", FieldType::kObjects, "that look alike", Presence::kAlways, &kKeyCount},
    {"reasons", FieldType::kTexts, "spelling, unit suffix, shortened, slip"},
    {"alias", FieldType::kText, "a line of TOML that makes them one"},
};
constexpr Field kKeyConflictFields[] = {
    {"name", FieldType::kText, "of the key"},
    {"conflict", FieldType::kText, "types, units, missing units"},
    {"detail", FieldType::kText, "how many sessions have what"},
    {"sessions", FieldType::kNumber, "on the smaller side"},
};
constexpr Field kHygieneFields[] = {
    {"like_keys", FieldType::kObjects, "keys that look alike", Presence::kAlways, &kLikeKeys},
    {"conflicts", FieldType::kObjects, "keys whose values do not go together", Presence::kAlways, &kKeyConflict},
};

bj::object JsonOfField(const FieldInfo& field) {
  bj::array types;
  for (const std::string_view type : catalog::TypesOf(field)) types.emplace_back(type);
  return {{"name", field.name},
          {"type", metadata::FieldType(field)},
          {"types", std::move(types)},
          {"sessions", field.sessions},
          {"coverage", field.coverage},
          {"numbers", field.numbers},
          {"dates", field.dates},
          {"booleans", field.booleans},
          {"texts", field.texts},
          {"units", JsonOfValues(field.units)},
          {"top_values", JsonOfValues(field.top_values)}};
}

bj::object JsonOfLikeKeys(const LikeKeys& like) {
  bj::array keys, reasons;
  for (const auto& key : like.keys) keys.push_back({{"name", key.name}, {"sessions", key.sessions}});
  for (const Likeness reason : like.reasons) reasons.emplace_back(metadata::LikenessName(reason));
  return {{"keys", std::move(keys)},
          {"reasons", std::move(reasons)},
          {"alias", catalog::AliasLine(metadata::AliasFor(like))}};
}

}  // namespace

constinit const Table kValueCount{"ValueCount", kValueCountFields};
constinit const Table kFieldInfo{"Field", kFieldInfoFields};
constinit const Table kFieldList{"FieldList", kFieldListFields};
constinit const Table kKeyCount{"KeyCount", kKeyCountFields};
constinit const Table kLikeKeys{"LikeKeys", kLikeKeysFields};
constinit const Table kKeyConflict{"KeyConflict", kKeyConflictFields};
constinit const Table kHygiene{"Hygiene", kHygieneFields};

bj::array JsonOfValues(const std::vector<FacetValue>& values) {
  bj::array out;
  for (const FacetValue& value : values) out.push_back({{"value", value.value}, {"count", value.count}});
  return out;
}

bj::object JsonOf(const std::vector<FieldInfo>& fields) {
  bj::array all;
  for (const FieldInfo& field : fields) all.push_back(JsonOfField(field));
  return {{"fields", std::move(all)}};
}

bj::object JsonOf(const catalog::Hygiene& hygiene) {
  bj::array alike;
  for (const LikeKeys& like : hygiene.alike) alike.push_back(JsonOfLikeKeys(like));
  bj::array conflicts;
  for (const KeyConflict& conflict : hygiene.conflicts)
    conflicts.push_back({{"name", conflict.name},
                         {"conflict", catalog::KeyConflictName(conflict.what)},
                         {"detail", conflict.detail},
                         {"sessions", conflict.sessions}});
  return {{"like_keys", std::move(alike)}, {"conflicts", std::move(conflicts)}};
}

}  // namespace seshat::views
