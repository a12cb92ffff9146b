// Policies of buckets and queues: JSON documents that other people may have put statements into. Ours are known by
// their Sid; all others stay as they are.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/error.h"

namespace seshat::sns_sqs {

// Whether two documents say the same, however they are laid out: order of names, blanks, and one value alone or in a
// list make no difference. Texts that are no JSON are compared as they are.
bool SamePolicy(std::string_view a, std::string_view b);

// `existing` (empty: none) with the statements of `ours` in place of those of the same Sid. kInvalidArgument where
// `existing` is no policy.
Result<std::string> MergePolicy(std::string_view existing, std::string_view ours);

}  // namespace seshat::sns_sqs
