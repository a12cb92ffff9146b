// What `seshat aws init` is asked to make, from flags and configuration.
#pragma once

#include <string>

#include "cli/invocation.h"
#include "composition/aws_access.h"
#include "provisioning/aws_setup.h"
#include "provisioning/role_policies.h"

namespace seshat::cli {

// kInvalidArgument naming the flag or the setting that is missing or off. Asks AWS who the caller is where the account
// is not known, or must be the same.
Result<provisioning::Wants> WantsOf(const Invocation& invocation, const composition::Config& config,
                                    composition::AwsAccess& aws);

// What the role must be allowed, as JSON for IAM.
std::string PolicyOf(provisioning::Role role, const provisioning::Wants& wants);

}  // namespace seshat::cli
