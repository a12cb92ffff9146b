// The permissions on the topic and the queues.
#pragma once

#include <set>

#include "app/aws_access.h"
#include "app/config/config.h"
#include "app/doctor/aws_checks.h"
#include "app/doctor/finding.h"

namespace seshat::app::doctor {

// Nothing is published, received or taken away.
void ProbeBus(const Config& config, AwsAccess& aws, const std::set<Duty>& duties, Findings& findings);

}  // namespace seshat::app::doctor
