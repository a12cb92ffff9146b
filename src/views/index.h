// The search index and the work on it, as JSON.
#pragma once

#include <boost/json/object.hpp>

#include "ports/search_types.h"
#include "services/indexing/indexing_service.h"
#include "services/indexing/replay.h"
#include "views/field_table.h"

namespace seshat::views {

extern const Table kIndexStatus;
extern const Table kReindexed;
extern const Table kReplayed;

boost::json::object JsonOf(const IndexStatus& status);
boost::json::object JsonOf(const indexing::ReindexProgress& done);
boost::json::object JsonOf(const indexing::ReplaySummary& done);

}  // namespace seshat::views
