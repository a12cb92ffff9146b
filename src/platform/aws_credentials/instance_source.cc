#include <fmt/format.h>

#include <algorithm>

#include "platform/aws_credentials/metadata_sources.h"

namespace seshat::aws {
namespace {

constexpr std::string_view kRolePath = "/latest/meta-data/iam/security-credentials/";
constexpr std::string_view kTokenHeader = "x-aws-ec2-metadata-token";

bool IsTrue(const std::optional<std::string>& text) {
  if (!text) return false;
  return std::ranges::equal(*text, std::string_view("true"), [](char a, char b) { return (a | 0x20) == b; });
}

class InstanceSource : public CredentialSource {
 public:
  InstanceSource(const Surroundings& surroundings, const SharedSettings& settings, http::Sender& sender,
                 ServerClock& server_clock)
      : sender_(sender),
        server_clock_(server_clock),
        disabled_(IsTrue(surroundings.Variable("AWS_EC2_METADATA_DISABLED"))) {
    const ProfileSection* profile = settings.files().FindProfile(settings.profile());
    const auto setting = [&](std::string_view variable, std::string_view name) {
      auto value = surroundings.Variable(variable);
      return value || profile == nullptr ? value : profile->Text(name);
    };
    const auto endpoint = setting("AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint");
    auto mode = setting("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ec2_metadata_service_endpoint_mode");
    const bool ipv6 = mode && (*mode == "ipv6" || *mode == "IPv6");
    endpoint_ = endpoint.value_or(ipv6 ? "http://[fd00:ec2::254]" : "http://169.254.169.254");
  }
  std::string name() const override { return "EC2 instance metadata"; }

  Result<Fetched> Fetch(std::stop_token stop) override {
    if (disabled_) return NotConfigured{"AWS_EC2_METADATA_DISABLED is true"};
    const auto url = http::ParseUrl(endpoint_);
    if (!url)
      return Fail(ErrorCode::kUnauthenticated,
                  "AWS_EC2_METADATA_SERVICE_ENDPOINT is no http or https URL without a password");
    origin_ = url->origin;
    base_ = url->path.ends_with('/') ? url->path.substr(0, url->path.size() - 1) : url->path;
    http::Outcome answer = Token(stop);
    if (!answer.response) {
      if (answer.response.error().code == ErrorCode::kCancelled)
        return std::unexpected(std::move(answer.response.error()));
      // Nobody there is what a machine outside EC2 sees; so does a container behind a hop limit of 1.
      return NotConfigured{
          fmt::format("{} does not answer; in a container on EC2 the instance's metadata hop limit must be 2 or more",
                      origin_.url())};
    }
    if (answer.response->status != 200)
      return NotConfigured{
          fmt::format("{} answered {} to the question for a session token", origin_.url(), answer.response->status)};
    const Secret token(std::move(answer.response->body));
    return FetchRole(token, stop);
  }

 private:
  http::Request Make(std::string method, std::string path, std::string operation) const {
    return {.method = std::move(method),
            .origin = origin_,
            .path = base_ + std::move(path),
            .max_response_bytes = 64 << 10,
            .timeouts = {.connect = std::chrono::seconds(1), .total = std::chrono::seconds(2)},
            .operation = std::move(operation)};
  }

  http::Outcome Token(std::stop_token stop) {
    http::Request request = Make("PUT", "/latest/api/token", "imds:GetToken");
    request.headers.emplace_back("x-aws-ec2-metadata-token-ttl-seconds", "300");
    return sender_.Send(std::move(request), stop);
  }

  Result<Fetched> FetchRole(const Secret& token, std::stop_token stop) {
    const auto ask = [&](std::string path) {
      http::Request request = Make("GET", std::move(path), "imds:GetCredentials");
      request.headers.emplace_back(kTokenHeader, token.Expose());
      return sender_.Send(std::move(request), stop);
    };
    http::Outcome roles = ask(std::string(kRolePath));
    SESHAT_TRY(Check(roles, "which role it has"));
    if (roles.response->status == 404) return NotConfigured{"the instance has no role"};
    const std::string role = roles.response->body.substr(0, roles.response->body.find_first_of("\r\n"));
    if (role.empty()) return NotConfigured{"the instance has no role"};
    http::Outcome keys = ask(fmt::format("{}{}", kRolePath, UriEncode(role)));
    SESHAT_TRY(Check(keys, "credentials"));
    if (keys.response->status == 404)
      return Fail(ErrorCode::kUnauthenticated, fmt::format("the instance has no credentials for its role '{}'", role));
    server_clock_.Learn(*keys.response);
    SESHAT_ASSIGN(Credentials credentials,
                  ParseCredentialsJson(Secret(std::move(keys.response->body)), "Token", name()));
    return credentials;
  }

  // An error for everything but 200 and 404.
  static Status Check(http::Outcome& outcome, std::string_view what) {
    const std::string doing = fmt::format("asking the instance metadata service for {}", what);
    if (!outcome.response) return std::unexpected(std::move(outcome.response.error()).WithContext(doing));
    const int status = outcome.response->status;
    if (status == 200 || status == 404) return {};
    return Fail(status >= 500 || status == 429 ? ErrorCode::kUnavailable : ErrorCode::kUnauthenticated,
                fmt::format("{}: it answered {}", doing, status));
  }

  http::Sender& sender_;
  ServerClock& server_clock_;
  bool disabled_;
  std::string endpoint_;
  http::Origin origin_;
  std::string base_;
};

}  // namespace

CredentialSourcePtr MakeInstanceSource(const Surroundings& surroundings, const SharedSettings& settings,
                                       http::Sender& sender, ServerClock& server_clock) {
  return std::make_unique<InstanceSource>(surroundings, settings, sender, server_clock);
}

}  // namespace seshat::aws
