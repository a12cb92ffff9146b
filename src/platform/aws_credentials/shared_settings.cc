#include "platform/aws_credentials/shared_settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

namespace seshat::aws {
namespace {

Result<Secret> ReadIfThere(const Surroundings& surroundings, const std::filesystem::path& path) {
  auto text = surroundings.read_file(path);
  if (!text && text.error().code == ErrorCode::kNotFound) return Secret();
  return text;
}

std::filesystem::path FileOf(const Surroundings& surroundings, std::string_view variable, std::string_view usual) {
  return surroundings.Expand(surroundings.Variable(variable).value_or(std::string(usual)));
}

std::string Upper(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return out;
}

std::unexpected<Error> NoProfile(const ProfileFiles& files, std::string_view name) {
  const std::vector<std::string> names = files.ProfileNames();
  return Fail(ErrorCode::kUnauthenticated,
              fmt::format("there is no AWS profile '{}' in {} or {} (there: {}); correct aws.profile or AWS_PROFILE",
                          name, files.config_path().string(), files.credentials_path().string(),
                          names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "))));
}

}  // namespace

Result<SharedSettings> SharedSettings::Read(const Surroundings& surroundings, std::string_view profile) {
  SharedSettings settings;
  settings.surroundings_ = surroundings;
  const auto config_path = FileOf(surroundings, "AWS_CONFIG_FILE", "~/.aws/config");
  const auto credentials_path = FileOf(surroundings, "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials");
  SESHAT_ASSIGN(const Secret config, ReadIfThere(surroundings, config_path));
  SESHAT_ASSIGN(const Secret credentials, ReadIfThere(surroundings, credentials_path));
  SESHAT_ASSIGN(settings.files_,
                ProfileFiles::Parse(config.Expose(), config_path, credentials.Expose(), credentials_path));
  auto named = surroundings.Variable("AWS_PROFILE");
  if (!named) named = surroundings.Variable("AWS_DEFAULT_PROFILE");
  settings.profile_is_ours_ = !profile.empty();
  if (settings.profile_is_ours_) named = std::string(profile);
  settings.profile_ = named.value_or("default");
  const ProfileSection* section = settings.Section();
  if (named && section == nullptr) return NoProfile(settings.files_, settings.profile_);

  settings.region_ = surroundings.Variable("AWS_REGION");
  if (!settings.region_) settings.region_ = surroundings.Variable("AWS_DEFAULT_REGION");
  if (!settings.region_ && section != nullptr) settings.region_ = section->Text("region");
  settings.ca_file_ = surroundings.Variable("AWS_CA_BUNDLE");
  if (!settings.ca_file_ && section != nullptr) settings.ca_file_ = section->Text("ca_bundle");
  return settings;
}

std::optional<std::string> SharedSettings::Endpoint(std::string_view service) const {
  const ProfileSection* section = Section();
  auto ignore = surroundings_.Variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
  if (!ignore && section != nullptr) ignore = section->Text("ignore_configured_endpoint_urls");
  if (ignore && Upper(*ignore) == "TRUE") return std::nullopt;
  if (auto url = surroundings_.Variable("AWS_ENDPOINT_URL_" + Upper(service))) return url;
  if (auto url = surroundings_.Variable("AWS_ENDPOINT_URL")) return url;
  if (section == nullptr) return std::nullopt;
  if (const auto services = section->Text("services")) {
    if (const ProfileSection* all = files_.FindServices(*services)) {
      if (auto url = all->Nested(service, "endpoint_url")) return url;
    }
  }
  return section->Text("endpoint_url");
}

}  // namespace seshat::aws
