// Facets and histograms as aggregations over the nested values, and back. Sessions are counted, not values.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/metadata/field_aliases.h"
#include "ports/search_types.h"

namespace seshat::opensearch {

class Aggregations {
 public:
  // Both outlive it.
  Aggregations(const SearchRequest& request, const FieldAliases& aliases) : request_(request), aliases_(aliases) {}

  // The content of "aggs" (members of an object, joined by commas; may be empty): counts of facets, and the smallest
  // and the largest values of histograms.
  std::string First() const;
  // Reads what First has brought: "aggregations" of the answer, and the number of hits.
  Status ReadFirst(const boost::json::value& aggregations, uint64_t total);
  // The bars; empty where there are none to be counted.
  std::string Second() const;
  Status ReadSecond(const boost::json::value& aggregations);

  std::vector<Facet> facets;          // after ReadFirst
  std::vector<Histogram> histograms;  // after ReadSecond, or ReadFirst where Second is empty

 private:
  const SearchRequest& request_;
  const FieldAliases& aliases_;
};

// The terms of a field of nested values with the number of sessions that each is in, by number and then by term.
// `size` is above 0.
std::string CountedTerms(std::string_view field, size_t size);
std::vector<FacetValue> ReadCountedTerms(const boost::json::value& aggregation);
// The sessions that a filter on nested values leaves; and reading it.
inline constexpr std::string_view kSessions = R"("sessions":{"reverse_nested":{}})";
uint64_t ReadSessions(const boost::json::value& aggregation);
// `aggregation` / name / name …; null where it is not there.
const boost::json::value& Inside(const boost::json::value& value, std::initializer_list<std::string_view> names);

}  // namespace seshat::opensearch
