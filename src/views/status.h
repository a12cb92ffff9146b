// How far everything is, as JSON.
#pragma once

#include <boost/json/object.hpp>

#include "services/operations/status.h"
#include "views/field_table.h"

namespace seshat::views {

extern const Table kStatus;
extern const Table kSource;
extern const Table kAttention;
extern const Table kSubscription;
extern const Table kProcess;

boost::json::object JsonOf(const operations::StatusReport& report);

}  // namespace seshat::views
