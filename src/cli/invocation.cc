#include "cli/invocation.h"

#include <fmt/format.h>

#include <set>

#include "composition/config/units.h"
#include "core/base/text_parts.h"

namespace seshat::cli {
namespace {

// A source's name from its directory: what CheckName allows of it, and no '.', which separates settings.
std::string SourceName(const std::filesystem::path& directory, std::set<std::string>& taken) {
  std::string name;
  for (const char c : directory.filename().string()) {
    const bool good =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    name += good ? c : '-';
  }
  name = name.substr(0, 56);
  if (name.empty() || name.front() == '-') name = "source" + name;
  std::string unique = name;
  for (int i = 2; !taken.insert(unique).second; ++i) unique = fmt::format("{}-{}", name, i);
  return unique;
}

std::filesystem::path Absolute(const std::string& text, const std::filesystem::path& base) {
  std::filesystem::path path = (base / text).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  return path;
}

}  // namespace

std::string Invocation::JoinedArguments() const {
  std::string text;
  for (const std::string& word : arguments()) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string Invocation::Value(std::string_view flag, std::string_view fallback) const {
  const auto found = parsed_.flags.find(flag);
  return found == parsed_.flags.end() || found->second.empty() ? std::string(fallback) : found->second.back();
}

std::vector<std::string> Invocation::Values(std::string_view flag) const {
  const auto found = parsed_.flags.find(flag);
  return found == parsed_.flags.end() ? std::vector<std::string>{} : found->second;
}

Result<uint64_t> Invocation::Number(std::string_view flag, uint64_t fallback) const {
  if (!Has(flag)) return fallback;
  const std::string text = Value(flag);
  if (const auto number = ParseInteger<uint64_t>(text)) return *number;
  return Fail(ErrorCode::kInvalidArgument, fmt::format("{}: '{}' is no number", flag, text));
}

Result<std::chrono::milliseconds> Invocation::Duration(std::string_view flag,
                                                       std::chrono::milliseconds fallback) const {
  if (!Has(flag)) return fallback;
  auto duration = composition::ParseDuration(Value(flag));
  if (!duration) return std::unexpected(std::move(duration.error()).WithContext(flag));
  return duration;
}

Result<std::vector<composition::Assignment>> AssignmentsOfFlags(const ParsedArguments& parsed,
                                                                const std::filesystem::path& working_directory) {
  std::vector<composition::Assignment> assignments;
  const auto values = [&](std::string_view flag) {
    const auto found = parsed.flags.find(flag);
    return found == parsed.flags.end() ? std::vector<std::string>{} : found->second;
  };
  const auto direct = [&](std::string_view flag, std::string_view path) {
    for (const std::string& value : values(flag))
      assignments.push_back({std::string(path), value, fmt::format("flag {}", flag)});
  };
  for (const std::string& text : values("--set")) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
      return Fail(ErrorCode::kInvalidArgument, "--set wants KEY=VALUE, such as --set agent.host=rig-3");
    assignments.push_back({text.substr(0, equals), text.substr(equals + 1), "flag --set"});
  }
  for (const std::string& store : values("--store")) {
    const bool url = store.find("://") != std::string::npos;
    assignments.push_back(
        {"store.url", url ? store : "file://" + Absolute(store, working_directory).string(), "flag --store"});
  }
  direct("--state-dir", "state_dir");
  direct("--log-level", "observability.log_level");
  direct("--log-format", "observability.log_format");
  direct("--metrics", "observability.metrics");
  std::set<std::string> taken;
  for (const std::string& directory : values("--source")) {
    const auto path = Absolute(directory, working_directory);
    const std::string name = SourceName(path, taken);
    assignments.push_back({fmt::format("sources.{}.path", name), path.string(), "flag --source"});
    for (const std::string& quiet : values("--quiet-time"))
      assignments.push_back({fmt::format("sources.{}.complete.quiet", name), quiet, "flag --quiet-time"});
  }
  return assignments;
}

}  // namespace seshat::cli
