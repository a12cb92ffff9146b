// Metadata keys as JSON: which there are, and which of them are worth a look.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <vector>

#include "services/catalog/fields.h"
#include "views/field_table.h"

namespace seshat::views {

extern const Table kFieldList;
extern const Table kFieldInfo;
extern const Table kValueCount;
extern const Table kHygiene;
extern const Table kLikeKeys;
extern const Table kKeyCount;
extern const Table kKeyConflict;

boost::json::object JsonOf(const std::vector<FieldInfo>& fields);
boost::json::object JsonOf(const catalog::Hygiene& hygiene);
boost::json::array JsonOfValues(const std::vector<FacetValue>& values);

}  // namespace seshat::views
