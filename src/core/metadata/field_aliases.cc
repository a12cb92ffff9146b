#include "core/metadata/field_aliases.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/metadata/text_fold.h"

namespace seshat::metadata {

Result<FieldAliases> FieldAliases::Make(std::span<const FieldAlias> groups) {
  auto by_member = std::make_shared<Groups>();
  for (const auto& alias : groups) {
    std::vector<std::string> members{FoldField(alias.name)};
    for (const auto& other : alias.others) members.push_back(FoldField(other));
    std::ranges::sort(members);
    const auto repeats = std::ranges::unique(members);
    members.erase(repeats.begin(), repeats.end());
    for (const auto& member : members) {
      if (member.empty())
        return Fail(ErrorCode::kInvalidArgument,
                    fmt::format("the alias '{}' names a field without a name", alias.name));
      if (!by_member->emplace(member, members).second)
        return Fail(ErrorCode::kInvalidArgument,
                    fmt::format("the field '{}' is in two groups of aliases: keep it in one", member));
    }
  }
  FieldAliases out;
  out.groups_ = std::move(by_member);
  return out;
}

std::vector<std::string> FieldAliases::Group(std::string_view field) const {
  auto folded = FoldField(field);
  if (groups_ != nullptr)
    if (const auto found = groups_->find(folded); found != groups_->end()) return found->second;
  return {std::move(folded)};
}

}  // namespace seshat::metadata
