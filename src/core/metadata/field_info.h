// What is known of a field over all sessions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace seshat::metadata {

struct FacetValue {
  std::string value;
  uint64_t count = 0;  // sessions, not values
  bool operator==(const FacetValue&) const = default;
};

// Every count is one of sessions; a session with several values counts for each type that it has.
struct FieldInfo {
  std::string name;       // as most sessions write it
  uint64_t sessions = 0;  // that have it
  double coverage = 0;    // share of all sessions
  uint64_t numbers = 0;
  uint64_t dates = 0;
  uint64_t booleans = 0;
  uint64_t texts = 0;                  // with a value that is none of these
  std::vector<FacetValue> units;       // of numbers, as written, "" for none; by count, at most kMaxFieldUnits
  std::vector<FacetValue> top_values;  // by count, then by value
};

// More units than that for one key are a mistake that the first ones show.
inline constexpr size_t kMaxFieldUnits = 20;

// The type that most sessions have, for a badge: "number", "duration", "size", "date", "boolean", "text", or the
// family of the usual unit ("voltage").
std::string_view FieldType(const FieldInfo& info);

}  // namespace seshat::metadata

namespace seshat {
using metadata::FacetValue;
using metadata::FieldInfo;
}  // namespace seshat
