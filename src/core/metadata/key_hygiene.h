// Keys that probably mean the same, and keys whose values do not go together. Pure functions over what is known
// of all fields; nothing is changed or left out, people decide.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/metadata/field_aliases.h"
#include "core/metadata/field_info.h"

namespace seshat::metadata {

// Why two keys look alike.
enum class Likeness {
  kSpelling,    // "sys_name", "SysName", "sys-name": case and separators (keys that differ in case only are one)
  kUnitSuffix,  // "temp", "temp_C": the last word is a unit, and the values are numbers
  kShortened,   // "temp", "temperature": words that others begin with
  kSlip,        // "operator", "opertaor": one letter
};
std::string_view LikenessName(Likeness likeness);  // "spelling", "unit suffix", "shortened", "slip"

struct LikeKeys {
  struct Key {
    std::string name;
    uint64_t sessions = 0;
  };
  std::vector<Key> keys;          // two or more, by sessions, then by name
  std::vector<Likeness> reasons;  // each once
};

// Groups of keys that look alike, the largest first (by sessions of all but their first key). Keys that the
// aliases already make one are not listed. Thousands of keys take well under a second.
std::vector<LikeKeys> FindLikeKeys(std::span<const FieldInfo> fields, const FieldAliases& aliases = {});

// For the configuration: the most frequent key stands for the group. `temperature = ["temp_C", "Temp"]`
FieldAlias AliasFor(const LikeKeys& keys);

struct KeyConflict {
  enum class What {
    kTypes,        // numbers in some sessions, texts or dates in others
    kUnits,        // units that cannot be converted into each other
    kMissingUnits  // numbers with a unit and numbers without one
  };
  What what = What::kTypes;
  std::string name;
  std::string detail;     // "number 40, text 2", "V 12, A 3", "°C 30, without 4"
  uint64_t sessions = 0;  // on the smaller side
};

// The most disputed first. Every value stays searchable as what it is.
std::vector<KeyConflict> FindKeyConflicts(std::span<const FieldInfo> fields);

}  // namespace seshat::metadata

namespace seshat {
using metadata::KeyConflict;
using metadata::LikeKeys;
using metadata::Likeness;
}  // namespace seshat
