// The permissions on the bucket.
#pragma once

#include <set>

#include "app/aws_access.h"
#include "app/config/config.h"
#include "app/doctor/aws_checks.h"
#include "app/doctor/finding.h"

namespace seshat::app::doctor {

// Ends at the first problem that is none of permissions: everything after it would only repeat it.
void ProbeStore(const Config& config, AwsAccess& aws, const std::set<Duty>& duties, Findings& findings);

}  // namespace seshat::app::doctor
