// What each role may do, and nothing more: policies for IAM, ready to be pasted.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/sns_sqs/names.h"

namespace seshat::provisioning {

enum class Role {
  kAgent,   // sends files and says so: no reading, no listing, no queue
  kWorker,  // processes and indexes
  kReader,  // searches, gets, verifies
  kSetup,   // runs `seshat aws init`
};
std::optional<Role> ParseRole(std::string_view name);  // "agent", "worker", "reader", "setup"

struct PolicySubjects {
  sns_sqs::BusNames names;
  std::string bucket;
  std::string prefix;   // as in BucketWants
  std::string kms_key;  // ARN; empty: the bucket is not encrypted with a key of one's own
  std::vector<std::string> subscriptions;
};

// The same JSON for people; what is no JSON comes back as it is.
std::string Indented(std::string_view policy);

// Indented.
std::string RolePolicy(Role role, const PolicySubjects& subjects);

}  // namespace seshat::provisioning
