// Fields that count as one field: "temperature", "temp_C" and "Temp" wherever one of them is named. Groups come
// from the configuration and are part of a search, never of what is stored.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace seshat::metadata {

struct FieldAlias {
  std::string name;                 // belongs to the group as well
  std::vector<std::string> others;  // fixed fields may be among them
  bool operator==(const FieldAlias&) const = default;
};

// Thread-safe after construction, cheap to copy.
class FieldAliases {
 public:
  FieldAliases() = default;
  // kInvalidArgument for an empty name and for a field in two groups.
  static Result<FieldAliases> Make(std::span<const FieldAlias> groups);

  // All names that count as `field`, folded (FoldField) and sorted; at least its own.
  std::vector<std::string> Group(std::string_view field) const;
  bool empty() const { return groups_ == nullptr || groups_->empty(); }

 private:
  using Groups = std::map<std::string, std::vector<std::string>, std::less<>>;  // by each member
  std::shared_ptr<const Groups> groups_;
};

}  // namespace seshat::metadata

namespace seshat {
using metadata::FieldAlias;
using metadata::FieldAliases;
}  // namespace seshat
