// The permissions on the topic and the queues.
#pragma once

#include <set>

#include "cli/doctor/aws_checks.h"
#include "cli/doctor/finding.h"
#include "composition/aws_access.h"
#include "composition/config/config.h"

namespace seshat::cli::doctor {

// Nothing is published, received or taken away.
void ProbeBus(const composition::Config& config, composition::AwsAccess& aws, const std::set<Duty>& duties,
              Findings& findings);

}  // namespace seshat::cli::doctor
