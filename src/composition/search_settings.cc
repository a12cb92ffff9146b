#include "composition/search_settings.h"

#include <fmt/format.h>

#include <chrono>
#include <ctime>
#include <string>

namespace seshat::composition {
namespace {

// As TZ or /etc/localtime say, at that time.
std::chrono::minutes LocalOffset(Timestamp now) {
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  std::tm local{};
  if (localtime_r(&seconds, &local) == nullptr) return {};
  return std::chrono::floor<std::chrono::minutes>(std::chrono::seconds{local.tm_gmtoff});
}

}  // namespace

Result<catalog::SearchSettings> SearchSettingsOf(const Config& config, Clock& clock) {
  constexpr std::string_view kPrefix = "search.aliases.";
  catalog::SearchSettings settings;
  for (auto at = config.settings().lower_bound(std::string(kPrefix));
       at != config.settings().end() && at->first.starts_with(kPrefix); ++at)
    settings.aliases.push_back({at->first.substr(kPrefix.size()), config.Texts(at->first)});
  if (const auto valid = FieldAliases::Make(settings.aliases); !valid)
    return Fail(ErrorCode::kInvalidArgument, fmt::format("[search.aliases]: {}", valid.error().message));
  settings.parse.now = clock.Now();
  settings.parse.utc_offset = LocalOffset(*settings.parse.now);
  return settings;
}

}  // namespace seshat::composition
