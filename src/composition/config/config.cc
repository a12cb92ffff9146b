#include "composition/config/config.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

namespace seshat::composition {

const SettingValue& Config::Value(std::string_view path) const {
  const auto found = settings_.find(std::string(path));
  if (found != settings_.end()) return found->second.value;
  fmt::print(stderr, "seshat: internal error: no setting '{}' in the table\n", path);
  std::abort();
}

const std::string& Config::Text(std::string_view path) const { return std::get<std::string>(Value(path)); }
bool Config::Switch(std::string_view path) const { return std::get<bool>(Value(path)); }

uint64_t Config::Number(std::string_view path) const { return static_cast<uint64_t>(std::get<int64_t>(Value(path))); }

std::chrono::milliseconds Config::Duration(std::string_view path) const {
  return std::chrono::milliseconds(std::get<int64_t>(Value(path)));
}

std::optional<std::chrono::milliseconds> Config::DurationOrNever(std::string_view path) const {
  const auto duration = Duration(path);
  if (duration.count() < 0) return std::nullopt;
  return duration;
}

const std::vector<std::string>& Config::Texts(std::string_view path) const {
  return std::get<std::vector<std::string>>(Value(path));
}

std::vector<std::string> Config::Names(std::string_view group) const {
  std::vector<std::string> names;
  const std::string prefix = std::string(group) + ".";
  for (auto at = settings_.lower_bound(prefix); at != settings_.end() && at->first.starts_with(prefix); ++at) {
    std::string name = at->first.substr(prefix.size());
    name.resize(std::min(name.find('.'), name.size()));
    if (names.empty() || names.back() != name) names.push_back(std::move(name));
  }
  return names;
}

Result<Config> LoadUsableConfig(const ConfigInputs& inputs) {
  LoadedConfig loaded = LoadConfig(inputs);
  if (loaded.problems.empty()) return std::move(loaded.config);
  std::string all;
  for (const ConfigProblem& problem : loaded.problems) all += (all.empty() ? "" : "\n") + problem.ToString();
  return Fail(ErrorCode::kInvalidArgument, std::move(all));
}

Result<AdapterUrl> ParseAdapterUrl(std::string_view url) {
  const size_t mark = url.find("://");
  if (mark == std::string_view::npos || mark == 0)
    return Fail(ErrorCode::kInvalidArgument, "expected a URL such as \"file:///srv/seshat\"");
  const std::string_view rest = url.substr(mark + 3);
  const std::string_view authority = rest.substr(0, rest.find('/'));
  // The text is not repeated here: it holds a password.
  if (authority.find('@') != std::string_view::npos)
    return Fail(ErrorCode::kInvalidArgument,
                "this URL holds credentials; take them out: configurations are copied, shown and logged, so "
                "Seshat reads credentials from the environment or the machine's role only");
  return AdapterUrl{std::string(url.substr(0, mark)), std::string(rest)};
}

}  // namespace seshat::composition
