#include "support/engines.h"

#include <fmt/format.h>

#include <cstdlib>

namespace seshat::testing {

std::string EngineVariable(std::string_view variable) {
  const char* value = std::getenv(std::string(variable).c_str());
  return value == nullptr ? "" : value;
}

bool IsRequired(std::string_view adapter, std::string_view required) {
  while (!required.empty()) {
    const size_t comma = required.find(',');
    if (required.substr(0, comma) == adapter) return true;
    if (comma == std::string_view::npos) break;
    required.remove_prefix(comma + 1);
  }
  return false;
}

std::optional<std::string> EngineUrl(std::string_view variable, std::string_view adapter) {
  std::string url = EngineVariable(variable);
  while (url.ends_with('/')) url.pop_back();
  if (!url.empty()) return url;
  const bool required = IsRequired(adapter, EngineVariable("SESHAT_REQUIRE_ADAPTERS"));
  fmt::print("{} is not run: {} is not set ('make test-engines' sets it)\n", adapter, variable);
  if (required) {
    fmt::print(stderr, "FAILED: {} is required by SESHAT_REQUIRE_ADAPTERS\n", adapter);
    std::exit(1);
  }
  return std::nullopt;
}

}  // namespace seshat::testing
