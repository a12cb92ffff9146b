// What a test asks of the spans that a MemoryTracer holds.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "ports/finished_span.h"

namespace seshat::testing {

// Each span's name with that of its parent: "" for a root, "?" where no span has the parent's id. Several of one name and
// parent count once.
inline std::set<std::pair<std::string, std::string>> ParentsOf(const std::vector<FinishedSpan>& spans) {
  std::map<std::array<std::byte, 8>, std::string> names;
  for (const auto& span : spans) names[span.context.span_id] = span.name;
  std::set<std::pair<std::string, std::string>> parents;
  for (const auto& span : spans) {
    const auto parent = span.parent ? names.find(*span.parent) : names.end();
    parents.emplace(span.name, !span.parent ? "" : parent == names.end() ? "?" : parent->second);
  }
  return parents;
}

// "" where it has none of that name, or one that is no text.
inline std::string AttributeText(const FinishedSpan& span, std::string_view name) {
  for (const auto& attribute : span.attributes)
    if (const auto* text = std::get_if<std::string>(&attribute.value); attribute.name == name && text != nullptr)
      return *text;
  return "";
}

inline size_t CountTraces(const std::vector<FinishedSpan>& spans) {
  std::set<std::array<std::byte, 16>> ids;
  for (const auto& span : spans) ids.insert(span.context.trace_id);
  return ids.size();
}

}  // namespace seshat::testing
