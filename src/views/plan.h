// What an agent would do with every file, as JSON.
#pragma once

#include <boost/json/object.hpp>
#include <vector>

#include "services/migration/migration_service.h"
#include "views/field_table.h"

namespace seshat::views {

extern const Table kPlan;
extern const Table kPlanLine;

boost::json::object JsonOf(const std::vector<migration::DryRunLine>& plan);

}  // namespace seshat::views
