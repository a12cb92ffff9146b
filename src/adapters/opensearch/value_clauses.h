// Clauses on one value, as JSON of nested documents. Private to the compiler of queries; include it in .cc files only.
#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "core/metadata/metadata.h"
#include "core/query/query.h"

namespace seshat::opensearch {

boost::json::object MatchNone();
boost::json::object MatchEverything();
boost::json::object AllOfClauses(boost::json::array clauses);
boost::json::object AnyOfClauses(boost::json::array clauses);
boost::json::object NoneOfClauses(boost::json::array clauses);

boost::json::object TermClause(std::string_view field, std::string_view term);
boost::json::object ExistsClause(std::string_view field);

// SatisfiesTyped of value_compare.h. Matches nothing where the literal is neither number nor date.
boost::json::object TypedClause(CompareOp op, const MetadataValue& literal);
// IsWithin.
boost::json::object RangeClause(const std::optional<Bound>& low, const std::optional<Bound>& high);
// Numbers that can be converted to `unit`; all numbers where it is empty.
boost::json::object NumbersOfUnit(const std::string& unit);

// A folded field or text as it stands in the index; one that no index holds where it is not valid UTF-8.
std::string SafeTerm(std::string_view text);

}  // namespace seshat::opensearch
