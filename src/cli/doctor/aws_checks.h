// AWS, or what speaks like it: credentials, clock, and every permission that the roles of this machine need.
#pragma once

#include <set>

#include "cli/doctor/finding.h"
#include "composition/aws_access.h"
#include "composition/config/config.h"

namespace seshat::cli::doctor {

// What a machine does, as far as permissions go.
enum class Duty {
  kAgent,    // stores and announces; reads nothing
  kProcess,  // reads, stores results
  kIndex,    // reads
  kUser,     // search, get, verify: reads, and brings back what is archived
};

// Whether the configuration names AWS at all.
bool UsesAws(const composition::Config& config);

// Nothing is left behind: the probes are about an upload, a receipt and a subject that cannot be.
void CheckAws(const composition::Config& config, composition::LazyAws& aws, const std::set<Duty>& duties,
              Findings& findings);

}  // namespace seshat::cli::doctor
