// What a session is waiting for, as JSON.
#pragma once

#include <boost/json/object.hpp>

#include "services/operations/why.h"
#include "views/field_table.h"

namespace seshat::views {

extern const Table kWhy;
extern const Table kSessionProgress;

boost::json::object JsonOf(const operations::WhyAnswer& answer);

}  // namespace seshat::views
