// The permissions on the bucket.
#pragma once

#include <optional>
#include <set>
#include <string_view>

#include "cli/doctor/aws_checks.h"
#include "cli/doctor/finding.h"
#include "composition/aws_access.h"
#include "composition/config/config.h"

namespace seshat::cli::doctor {

// Ends at the first problem that is none of permissions: everything after it would only repeat it.
void ProbeStore(const composition::Config& config, composition::AwsAccess& aws, const std::set<Duty>& duties,
                Findings& findings);

// For writers: what is known of a store that calls itself this (its Server header), docs/adr/0025. Nothing for most.
std::optional<Finding> SimultaneousPuts(std::string_view server);

}  // namespace seshat::cli::doctor
