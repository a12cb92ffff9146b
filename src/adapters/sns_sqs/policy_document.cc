#include "adapters/sns_sqs/policy_document.h"

#include <algorithm>
#include <boost/json.hpp>
#include <vector>

#include "core/records/json_fields.h"

namespace seshat::sns_sqs {
namespace {

namespace bj = boost::json;

// With every list in one order, and lists of one taken apart: IAM reads them alike.
bj::value Normal(const bj::value& value) {
  if (const auto* object = value.if_object()) {
    bj::object normal;
    for (const auto& [name, inner] : *object) normal[name] = Normal(inner);
    return normal;
  }
  const auto* array = value.if_array();
  if (array == nullptr) return value;
  std::vector<bj::value> items;
  for (const auto& item : *array) items.push_back(Normal(item));
  if (items.size() == 1) return items.front();
  std::ranges::sort(items, {}, [](const bj::value& v) { return bj::serialize(v); });
  return bj::array(items.begin(), items.end());
}

std::string_view SidOf(const bj::value& statement) {
  const auto* object = statement.if_object();
  const auto* sid = object == nullptr ? nullptr : object->if_contains("Sid");
  return sid != nullptr && sid->is_string() ? std::string_view(sid->get_string()) : "";
}

std::vector<bj::value> StatementsOf(const bj::object& policy) {
  const auto* statements = policy.if_contains("Statement");
  if (statements == nullptr) return {};
  if (const auto* list = statements->if_array()) return {list->begin(), list->end()};
  return {*statements};
}

}  // namespace

bool SamePolicy(std::string_view a, std::string_view b) {
  const auto left = json::Parse(a, "policy");
  const auto right = json::Parse(b, "policy");
  if (!left || !right) return a == b;
  return Normal(*left) == Normal(*right);
}

Result<std::string> MergePolicy(std::string_view existing, std::string_view ours) {
  if (existing.empty()) return std::string(ours);
  SESHAT_ASSIGN(auto theirs, json::Parse(existing, "the policy that is there"));
  SESHAT_ASSIGN(const auto mine, json::Parse(ours, "policy"));
  auto* policy = theirs.if_object();
  if (policy == nullptr || !mine.is_object())
    return Fail(ErrorCode::kInvalidArgument, "the policy that is there is no JSON object");
  const auto wanted = StatementsOf(mine.get_object());
  bj::array merged;
  for (auto& statement : StatementsOf(*policy)) {
    const bool replaced = std::ranges::any_of(wanted, [&](const bj::value& ours_too) {
      return !SidOf(statement).empty() && SidOf(statement) == SidOf(ours_too);
    });
    if (!replaced) merged.push_back(std::move(statement));
  }
  for (const auto& statement : wanted) merged.push_back(statement);
  (*policy)["Statement"] = std::move(merged);
  if (!policy->contains("Version")) (*policy)["Version"] = "2012-10-17";
  return bj::serialize(*policy);
}

}  // namespace seshat::sns_sqs
