// The permissions on the bucket.
#pragma once

#include <optional>
#include <set>
#include <string_view>

#include "app/aws_access.h"
#include "app/config/config.h"
#include "app/doctor/aws_checks.h"
#include "app/doctor/finding.h"

namespace seshat::app::doctor {

// Ends at the first problem that is none of permissions: everything after it would only repeat it.
void ProbeStore(const Config& config, AwsAccess& aws, const std::set<Duty>& duties, Findings& findings);

// For writers: what is known of a store that calls itself this (its Server header), docs/adr/0025. Nothing for most.
std::optional<Finding> SimultaneousPuts(std::string_view server);

}  // namespace seshat::app::doctor
