// Whether what an encoder prints is what its table says.
#pragma once

#include <boost/json/object.hpp>
#include <set>
#include <string>
#include <vector>

#include "views/field_table.h"

namespace seshat::views {

// What differs, as sentences that name the field ("hits[].score is not in the table"); empty where nothing does. The
// fields that were printed are added to `printed`, as "hits[].score".
std::vector<std::string> Differences(const boost::json::object& object, const Table& table,
                                     std::set<std::string>& printed, const std::string& path = "");

// Every field that could be printed, as above.
std::set<std::string> AllFields(const Table& table, const std::string& path = "");

}  // namespace seshat::views
