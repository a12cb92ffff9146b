#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "platform/aws_credentials/credential_chain.h"
#include "platform/aws_credentials/metadata_sources.h"
#include "platform/aws_credentials/run_command.h"
#include "platform/aws_credentials/web_identity.h"

namespace seshat::aws {
namespace {

// A person may have to touch a key; a program that hangs must not stop an agent for good.
constexpr std::chrono::seconds kProcessTimeout{60};

bool HasKeys(const ProfileSection& profile) {
  return profile.Has("aws_access_key_id") || profile.Has("aws_secret_access_key");
}

std::unexpected<Error> Bad(std::string_view profile, std::string_view problem) {
  return Fail(ErrorCode::kUnauthenticated, fmt::format("AWS profile '{}': {}", profile, problem));
}

// One walk through the files, from the profile in effect along source_profile.
class Resolver {
 public:
  Resolver(const Surroundings& surroundings, const SharedSettings& settings, Sts& sts, const ChainParts& parts,
           std::stop_token stop)
      : surroundings_(surroundings), settings_(settings), sts_(sts), parts_(parts), stop_(std::move(stop)) {}

  Result<Fetched> Resolve(const std::string& name) {
    const ProfileSection* profile = settings_.files().FindProfile(name);
    if (profile == nullptr)
      return NotConfigured{fmt::format("there is no profile '{}' in {} or {}", name,
                                       settings_.files().config_path().string(),
                                       settings_.files().credentials_path().string())};
    const bool again = std::ranges::find(visited_, name) != visited_.end();
    visited_.push_back(name);
    // A profile may name itself as source_profile, and then means its own keys.
    if (profile->Has("role_arn") && !again) return Role(name, *profile);
    if (HasKeys(*profile)) return Keys(name, *profile);
    if (again) return Bad(name, "its source_profile leads back to itself");
    if (const auto command = profile->Text("credential_process")) return Process(name, *command);
    if (profile->Has("sso_session") || profile->Has("sso_start_url") || profile->Has("sso_account_id"))
      return Bad(name,
                 "it signs in with IAM Identity Center (sso_…), which Seshat does not support; run `aws configure "
                 "export-credentials --profile NAME --format process` as credential_process of another profile");
    return NotConfigured{fmt::format("profile '{}' has neither keys, a role nor a credential_process", name)};
  }

 private:
  Result<Fetched> Keys(const std::string& name, const ProfileSection& profile) const {
    SESHAT_ASSIGN(Credentials credentials, CredentialsFromTexts(profile.SecretText("aws_access_key_id"),
                                                                profile.SecretText("aws_secret_access_key"),
                                                                profile.SecretText("aws_session_token"), From(name)));
    return credentials;
  }

  Result<Fetched> Process(const std::string& name, const std::string& line) const {
    const auto words = SplitCommandLine(line);
    if (!words) return Bad(name, "its credential_process cannot be read: " + words.error().message);
    auto ran = surroundings_.run_command({*words, kProcessTimeout}, stop_);
    // The command line may hold a secret, so messages name the profile only.
    if (!ran && ran.error().code == ErrorCode::kCancelled) return std::unexpected(std::move(ran.error()));
    if (!ran) return Bad(name, "its credential_process could not be run: " + ran.error().message);
    if (ran->exit_status != 0)
      return Bad(name, fmt::format("its credential_process ended with status {}; run it by hand to see why",
                                   ran->exit_status));
    SESHAT_ASSIGN(Credentials credentials,
                  ParseProcessJson(ran->output, fmt::format("credential_process of AWS profile '{}'", name)));
    return credentials;
  }

  Result<Fetched> Role(const std::string& name, const ProfileSection& profile) {
    if (profile.Has("mfa_serial"))
      return Bad(name,
                 "its role wants a multi-factor code (mfa_serial), for which Seshat, running unattended, cannot ask; "
                 "use a role without, or a credential_process");
    SESHAT_ASSIGN(const RoleToAssume role, RoleOf(name, profile));
    if (const auto file = profile.Text("web_identity_token_file")) {
      SESHAT_ASSIGN(Credentials credentials, AssumeWithTokenFile(surroundings_, sts_, role, *file, stop_));
      return credentials;
    }
    SESHAT_ASSIGN(const Credentials caller, CallerOf(name, profile));
    SESHAT_ASSIGN(Credentials credentials, sts_.AssumeRole(role, caller.keys, stop_));
    return credentials;
  }

  Result<RoleToAssume> RoleOf(const std::string& name, const ProfileSection& profile) const {
    RoleToAssume role;
    role.role_arn = profile.Text("role_arn").value_or("");
    if (role.role_arn.empty()) return Bad(name, "its role_arn is empty");
    role.session_name = profile.Text("role_session_name").value_or(DefaultSessionName(parts_.clock));
    role.external_id = profile.Text("external_id").value_or("");
    const auto duration = profile.Text("duration_seconds");
    if (!duration) return role;
    const char* end = duration->data() + duration->size();
    const auto [rest, error] = std::from_chars(duration->data(), end, role.duration_seconds);
    if (error != std::errc{} || rest != end) return Bad(name, "its duration_seconds is no number");
    return role;
  }

  Result<Credentials> CallerOf(const std::string& name, const ProfileSection& profile) {
    const auto source_profile = profile.Text("source_profile");
    const auto credential_source = profile.Text("credential_source");
    if (source_profile && credential_source)
      return Bad(name, "it has both source_profile and credential_source: remove one");
    if (!source_profile && !credential_source)
      return Bad(name, "it has a role_arn, but neither source_profile nor credential_source says who assumes it");
    Result<Fetched> fetched = source_profile ? Resolve(*source_profile) : Named(name, *credential_source);
    if (!fetched) return std::unexpected(std::move(fetched.error()));
    if (auto* missing = std::get_if<NotConfigured>(&*fetched))
      return Bad(name, fmt::format("its {} has no credentials: {}",
                                   source_profile ? "source_profile" : "credential_source", missing->why));
    return std::get<Credentials>(std::move(*fetched));
  }

  Result<Fetched> Named(const std::string& name, const std::string& source) {
    if (source == "Environment") return MakeEnvironmentSource(surroundings_)->Fetch(stop_);
    if (source == "EcsContainer")
      return MakeContainerSource(surroundings_, parts_.direct, parts_.clock, parts_.server_clock)->Fetch(stop_);
    if (source == "Ec2InstanceMetadata")
      return MakeInstanceSource(surroundings_, settings_, parts_.direct, parts_.server_clock)->Fetch(stop_);
    return Bad(name, fmt::format("there is no credential_source '{}': it is Environment, EcsContainer or "
                                 "Ec2InstanceMetadata",
                                 source));
  }

  static std::string From(std::string_view name) { return fmt::format("AWS profile '{}'", name); }

  const Surroundings& surroundings_;
  const SharedSettings& settings_;
  Sts& sts_;
  const ChainParts& parts_;
  std::stop_token stop_;
  std::vector<std::string> visited_;
};

class ProfileSource : public CredentialSource {
 public:
  ProfileSource(const ChainOptions& options, const Surroundings& surroundings, Sts& sts, const ChainParts& parts)
      : options_(options), surroundings_(surroundings), sts_(sts), parts_(parts) {}
  std::string name() const override { return "shared files"; }

  Result<Fetched> Fetch(std::stop_token stop) override {
    SESHAT_ASSIGN(const SharedSettings settings, SharedSettings::Read(surroundings_, options_.profile));
    return Resolver(surroundings_, settings, sts_, parts_, std::move(stop)).Resolve(settings.profile());
  }

 private:
  const ChainOptions options_;
  const Surroundings surroundings_;
  Sts& sts_;
  const ChainParts parts_;
};

}  // namespace

CredentialSourcePtr MakeProfileSource(const ChainOptions& options, const Surroundings& surroundings, Sts& sts,
                                      const ChainParts& parts) {
  return std::make_unique<ProfileSource>(options, surroundings, sts, parts);
}

}  // namespace seshat::aws
