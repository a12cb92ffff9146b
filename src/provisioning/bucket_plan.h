// How a bucket for Seshat should be, and what has to change where it is not. Pure: bucket_setup.h looks and writes.
//
// Nothing that is stricter is loosened, and nothing of other people's is touched: policy statements and lifecycle rules of
// ours are known by their names ("Seshat…", "seshat-…"), all others stay. An encryption with a KMS key stays too.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/records/storage_class.h"

namespace seshat::provisioning {

struct BucketWants {
  std::string bucket;
  std::string region;
  std::string partition = "aws";  // of ARNs
  std::string prefix;             // keys lie under "<prefix>/"; empty: at the top
  bool kms = false;
  std::string kms_key;  // empty with kms: the account's default key
  // False for services that only speak like S3: some take a policy without heeding its conditions, and then deny
  // everything. Writers are create-only by themselves.
  bool policy = true;
  // Data older than this goes to Deep Archive, if it is larger than that. No tag and no prefix can tell data from records
  // (tags take a permission that agents do not have, and a session's id comes first in every key), so that size alone
  // keeps manifests and receipts out of the archive: docs/adr/0022.
  uint32_t archive_after_days = 365;
  uint64_t archive_above_bytes = 0;  // ArchiveBorderBytes, or more
  uint32_t stale_upload_days = 14;   // longer than a rig is away; an agent whose upload is gone starts it again
  uint32_t old_version_days = 90;    // what somebody deletes or overwrites by hand can be brought back for so long
};

struct LifecycleRule {
  std::string id;
  std::string xml;  // the <Rule> element
};

// What there is. Empty texts: nothing is set.
struct BucketActual {
  bool exists = false;
  bool public_blocked = false;  // in all four ways
  std::string ownership;        // "BucketOwnerEnforced"
  std::string versioning;       // "Enabled", "Suspended"
  std::string encryption;       // "AES256", "aws:kms", …
  std::string policy;
  std::vector<LifecycleRule> lifecycle;
  std::string transition_minimum;  // as S3's header has it; kept
  // Of "public access", "ownership", …: what this service has not got.
  std::vector<std::string> unsupported;
};

struct BucketPlan {
  bool create = false;
  bool block_public = false;
  bool own = false;
  bool version = false;
  bool encrypt = false;
  std::optional<std::vector<LifecycleRule>> lifecycle;  // all rules, foreign ones included
  std::optional<std::string> policy;                    // likewise
  std::string transition_minimum;
  std::vector<std::string> changes;  // each in words, in the order in which they are made
  bool empty() const { return changes.empty(); }
};

// kInvalidArgument where the policy that is there cannot be read: it is not overwritten.
Result<BucketPlan> PlanBucket(const BucketWants& wants, const BucketActual& actual);

// Create-only, and over TLS only.
std::string BucketPolicy(const BucketWants& wants);
std::vector<LifecycleRule> LifecycleRules(const BucketWants& wants);

// Whether two <Rule> elements say the same, in whatever order.
bool SameRule(std::string_view a, std::string_view b);
// The rules of a LifecycleConfiguration; kDataLoss where it is none.
Result<std::vector<LifecycleRule>> ReadLifecycle(std::string_view text);
std::string LifecycleText(const std::vector<LifecycleRule>& rules);

}  // namespace seshat::provisioning
