// Events that were given up, as JSON.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <vector>

#include "services/operations/dead_letters.h"
#include "views/field_table.h"

namespace seshat::views {

extern const Table kDeadLetterList;
extern const Table kDeadLetter;
extern const Table kRedriven;

boost::json::object JsonOf(const std::vector<operations::Letter>& letters);
boost::json::object JsonOfRedriven(uint64_t count);

}  // namespace seshat::views
