// What a migration would do now, said and not done.
#pragma once

#include <functional>
#include <stop_token>

#include "core/base/error.h"
#include "services/migration/base/migration_options.h"
#include "services/migration/base/migration_ports.h"
#include "services/migration/base/migration_summary.h"
#include "services/migration/scan/source_runtime.h"

namespace seshat::migration {

Status DryRunSource(SourceRuntime& source, const Ports& ports, const Options& options,
                    const std::function<void(const DryRunLine&)>& line, std::stop_token stop);

}  // namespace seshat::migration
