// What a run of the pipeline has come to, as JSON.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>

#include "services/operations/pipeline_state.h"
#include "services/operations/run_summary.h"
#include "views/field_table.h"

namespace seshat::views {

extern const Table kRun;

struct Run {
  operations::PipelineState state;
  std::optional<operations::RunSummary> summary;  // nothing where the roles of the process know no sessions
  std::string store;                              // URL
};

boost::json::object JsonOf(const Run& run);

}  // namespace seshat::views
