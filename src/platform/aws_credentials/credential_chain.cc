#include "platform/aws_credentials/credential_chain.h"

#include <fmt/format.h>

#include "platform/aws_credentials/metadata_sources.h"
#include "platform/aws_credentials/refreshing_credentials.h"
#include "platform/aws_credentials/web_identity.h"

namespace seshat::aws {
namespace {

class EnvironmentSource : public CredentialSource {
 public:
  explicit EnvironmentSource(const Surroundings& surroundings) : surroundings_(surroundings) {}
  std::string name() const override { return "environment"; }

  Result<Fetched> Fetch(std::stop_token) override {
    const Secret id = surroundings_.SecretVariable("AWS_ACCESS_KEY_ID");
    const Secret key = surroundings_.SecretVariable("AWS_SECRET_ACCESS_KEY");
    if (id.empty() && key.empty()) return NotConfigured{"AWS_ACCESS_KEY_ID is not set"};
    SESHAT_ASSIGN(Credentials credentials,
                  CredentialsFromTexts(id, key, surroundings_.SecretVariable("AWS_SESSION_TOKEN"), "the environment"));
    if (const auto end = surroundings_.Variable("AWS_CREDENTIAL_EXPIRATION")) {
      if (const auto time = ParseTimestamp(*end)) credentials.expires_at = *time;
    }
    return credentials;
  }

 private:
  const Surroundings surroundings_;
};

class WebIdentitySource : public CredentialSource {
 public:
  WebIdentitySource(const Surroundings& surroundings, Sts& sts, Clock& clock)
      : surroundings_(surroundings), sts_(sts), clock_(clock) {}
  std::string name() const override { return "web identity"; }

  Result<Fetched> Fetch(std::stop_token stop) override {
    const auto file = surroundings_.Variable("AWS_WEB_IDENTITY_TOKEN_FILE");
    if (!file) return NotConfigured{"AWS_WEB_IDENTITY_TOKEN_FILE is not set"};
    const auto arn = surroundings_.Variable("AWS_ROLE_ARN");
    if (!arn)
      return Fail(ErrorCode::kUnauthenticated,
                  "AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN, the role to assume with it, is not");
    RoleToAssume role;
    role.role_arn = *arn;
    role.session_name = surroundings_.Variable("AWS_ROLE_SESSION_NAME").value_or(DefaultSessionName(clock_));
    SESHAT_ASSIGN(Credentials credentials, AssumeWithTokenFile(surroundings_, sts_, role, *file, std::move(stop)));
    return credentials;
  }

 private:
  const Surroundings surroundings_;
  Sts& sts_;
  Clock& clock_;
};

// The chain with what its steps share.
class WholeChain : public CredentialSource {
 public:
  WholeChain(const ChainOptions& options, const Surroundings& surroundings, const SharedSettings& settings,
             const ChainParts& parts)
      : sts_(options.sts, parts.remote, parts.server_clock) {
    std::vector<CredentialSourcePtr> steps;
    if (!settings.profile_is_ours()) {
      steps.push_back(MakeEnvironmentSource(surroundings));
      steps.push_back(MakeWebIdentitySource(surroundings, sts_, parts.clock));
    }
    steps.push_back(MakeProfileSource(options, surroundings, sts_, parts));
    steps.push_back(MakeContainerSource(surroundings, parts.direct, parts.clock, parts.server_clock));
    steps.push_back(MakeInstanceSource(surroundings, settings, parts.direct, parts.server_clock));
    chain_ = MakeSourceChain(std::move(steps));
  }
  std::string name() const override { return chain_->name(); }
  Result<Fetched> Fetch(std::stop_token stop) override { return chain_->Fetch(std::move(stop)); }

 private:
  Sts sts_;
  CredentialSourcePtr chain_;
};

}  // namespace

CredentialSourcePtr MakeEnvironmentSource(const Surroundings& surroundings) {
  return std::make_unique<EnvironmentSource>(surroundings);
}

CredentialSourcePtr MakeWebIdentitySource(const Surroundings& surroundings, Sts& sts, Clock& clock) {
  return std::make_unique<WebIdentitySource>(surroundings, sts, clock);
}

Result<std::unique_ptr<CredentialsProvider>> MakeCredentialChain(const ChainOptions& options,
                                                                 const Surroundings& surroundings,
                                                                 const ChainParts& parts) {
  SESHAT_ASSIGN(const SharedSettings settings, SharedSettings::Read(surroundings, options.profile));
  return MakeRefreshingCredentials(std::make_unique<WholeChain>(options, surroundings, settings, parts),
                                   parts.server_clock, parts.random, parts.logger);
}

}  // namespace seshat::aws
