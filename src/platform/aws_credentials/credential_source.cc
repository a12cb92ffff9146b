#include "platform/aws_credentials/credential_source.h"

#include <fmt/format.h>

#include "core/records/json_fields.h"

namespace seshat::aws {
namespace {

class SourceChain : public CredentialSource {
 public:
  explicit SourceChain(std::vector<CredentialSourcePtr> steps) : steps_(std::move(steps)) {}
  std::string name() const override { return "chain"; }

  Result<Fetched> Fetch(std::stop_token stop) override {
    if (chosen_ != nullptr) return chosen_->Fetch(stop);
    std::string tried;
    for (const CredentialSourcePtr& step : steps_) {
      SESHAT_ASSIGN(Fetched fetched, step->Fetch(stop));
      if (std::holds_alternative<Credentials>(fetched)) {
        chosen_ = step.get();
        return fetched;
      }
      tried += fmt::format("{}{} ({})", tried.empty() ? "" : "; ", step->name(), std::get<NotConfigured>(fetched).why);
    }
    return Fail(ErrorCode::kUnauthenticated,
                fmt::format("there are no AWS credentials. Looked at: {}. Set AWS_ACCESS_KEY_ID and "
                            "AWS_SECRET_ACCESS_KEY, or name a profile with aws.profile",
                            tried));
  }

 private:
  std::vector<CredentialSourcePtr> steps_;
  CredentialSource* chosen_ = nullptr;
};

std::unexpected<Error> Incomplete(std::string_view source, std::string_view problem) {
  return Fail(ErrorCode::kUnauthenticated, fmt::format("{}: {}", source, problem));
}

Result<boost::json::value> ParseObject(const Secret& json, std::string_view source) {
  auto value = json::Parse(json.Expose(), source);
  // The parser's own words may quote what it stumbled over.
  if (!value || !value->is_object()) return Incomplete(source, "the answer is no JSON object");
  return value;
}

Result<Credentials> FromObject(const boost::json::object& object, std::string_view token_field,
                               std::string_view source) {
  const auto text = [&](std::string_view name) -> Secret {
    const boost::json::value* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? Secret(std::string(value->as_string())) : Secret();
  };
  Credentials credentials;
  credentials.source = source;
  credentials.keys.access_key_id = text("AccessKeyId").Expose();
  credentials.keys.secret_access_key = text("SecretAccessKey");
  credentials.keys.session_token = text(token_field);
  if (credentials.keys.access_key_id.empty()) return Incomplete(source, "the answer lacks AccessKeyId");
  if (credentials.keys.secret_access_key.empty()) return Incomplete(source, "the answer lacks SecretAccessKey");
  if (const Secret expiration = text("Expiration"); !expiration.empty()) {
    const auto time = ParseTimestamp(expiration.Expose());
    if (!time) return Incomplete(source, "its Expiration is no RFC 3339 time");
    credentials.expires_at = *time;
  }
  return credentials;
}

}  // namespace

CredentialSourcePtr MakeSourceChain(std::vector<CredentialSourcePtr> steps) {
  return std::make_unique<SourceChain>(std::move(steps));
}

Result<Credentials> ParseCredentialsJson(const Secret& json, std::string_view token_field, std::string_view source) {
  SESHAT_ASSIGN(const boost::json::value value, ParseObject(json, source));
  return FromObject(value.as_object(), token_field, source);
}

Result<Credentials> ParseProcessJson(const Secret& json, std::string_view source) {
  SESHAT_ASSIGN(const boost::json::value value, ParseObject(json, source));
  const boost::json::value* version = value.as_object().if_contains("Version");
  if (version == nullptr || !version->is_number() || version->to_number<double>() != 1.0)
    return Incomplete(source, "the answer's Version is not 1, the only one there is");
  return FromObject(value.as_object(), "SessionToken", source);
}

Result<Credentials> CredentialsFromTexts(const Secret& access_key_id, const Secret& secret_access_key,
                                         const Secret& session_token, std::string_view source) {
  if (access_key_id.empty() || secret_access_key.empty())
    return Incomplete(source, access_key_id.empty() ? "there is a secret access key, but no access key id"
                                                    : "there is an access key id, but no secret access key");
  Credentials credentials;
  credentials.keys = {access_key_id.Expose(), secret_access_key, session_token};
  credentials.source = source;
  return credentials;
}

}  // namespace seshat::aws
