#include "platform/aws_credentials/sts.h"

#include <fmt/format.h>

#include <pugixml.hpp>
#include <utility>

#include "core/digest/sha256.h"

namespace seshat::aws {
namespace {

constexpr std::string_view kVersion = "2011-06-15";

// The text of the first element of that name, wherever it stands: STS's answers have each of ours once.
std::string ElementText(std::string_view xml, const char* name) {
  pugi::xml_document document;
  if (!document.load_buffer(xml.data(), xml.size())) return {};
  return document.find_node([&](const pugi::xml_node& node) { return std::string_view(node.name()) == name; })
      .child_value();
}

std::string Form(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
  std::string form;
  for (const auto& [name, value] : fields) {
    if (!value.empty()) form += fmt::format("{}{}={}", form.empty() ? "" : "&", name, UriEncode(value));
  }
  return form;
}

std::string Endpoint(const StsOptions& options) {
  if (!options.endpoint.empty()) return options.endpoint;
  if (options.region.empty()) return "https://sts.amazonaws.com";
  return fmt::format("https://sts.{}.amazonaws.com{}", options.region, options.region.starts_with("cn-") ? ".cn" : "");
}

Error Refused(std::string_view action, int status, std::string_view body) {
  const std::string code = ElementText(body, "Code");
  const std::string message = ElementText(body, "Message");
  ErrorCode ours = ErrorCode::kUnauthenticated;
  if (code == "AccessDenied" || code == "AccessDeniedException") ours = ErrorCode::kPermissionDenied;
  if (status >= 500 || status == 429 || code == "Throttling") ours = ErrorCode::kUnavailable;
  // The server's message may hold anything, but never what was sent as a secret: AWS repeats names only.
  return {ours, fmt::format("sts:{} was refused ({}{}{})", action, code.empty() ? "status " : "",
                            code.empty() ? std::to_string(status) : code,
                            message.empty() || ours == ErrorCode::kUnavailable ? "" : ": " + message)};
}

Result<Credentials> CredentialsOf(const std::string& xml, const RoleToAssume& role) {
  const std::string source = fmt::format("role {}", role.role_arn);
  Credentials credentials;
  credentials.source = source;
  credentials.keys.access_key_id = ElementText(xml, "AccessKeyId");
  credentials.keys.secret_access_key = Secret(ElementText(xml, "SecretAccessKey"));
  credentials.keys.session_token = Secret(ElementText(xml, "SessionToken"));
  const auto expires = ParseTimestamp(ElementText(xml, "Expiration"));
  if (credentials.keys.access_key_id.empty() || credentials.keys.secret_access_key.empty() || !expires)
    return Fail(ErrorCode::kUnauthenticated, fmt::format("{}: the answer of STS holds no credentials", source));
  credentials.expires_at = *expires;
  return credentials;
}

}  // namespace

Sts::Sts(StsOptions options, http::Sender& sender, ServerClock& clock)
    : options_(std::move(options)), sender_(sender), clock_(clock) {}

Result<Credentials> Sts::AssumeRole(const RoleToAssume& role, const SigningKeys& caller, std::stop_token stop) {
  const Secret form(Form({{"Action", "AssumeRole"},
                          {"Version", kVersion},
                          {"RoleArn", role.role_arn},
                          {"RoleSessionName", role.session_name},
                          {"ExternalId", role.external_id},
                          {"DurationSeconds", std::to_string(role.duration_seconds)}}));
  SESHAT_ASSIGN(const std::string xml, Send("AssumeRole", form, &caller, stop));
  return CredentialsOf(xml, role);
}

Result<Credentials> Sts::AssumeRoleWithWebIdentity(const RoleToAssume& role, const Secret& token,
                                                   std::stop_token stop) {
  const Secret form(Form({{"Action", "AssumeRoleWithWebIdentity"},
                          {"Version", kVersion},
                          {"RoleArn", role.role_arn},
                          {"RoleSessionName", role.session_name},
                          {"DurationSeconds", std::to_string(role.duration_seconds)},
                          {"WebIdentityToken", token.Expose()}}));
  SESHAT_ASSIGN(const std::string xml, Send("AssumeRoleWithWebIdentity", form, nullptr, stop));
  return CredentialsOf(xml, role);
}

Result<Sts::Identity> Sts::CallerIdentity(const SigningKeys& caller, std::stop_token stop) {
  const Secret form(Form({{"Action", "GetCallerIdentity"}, {"Version", kVersion}}));
  SESHAT_ASSIGN(const std::string xml, Send("GetCallerIdentity", form, &caller, stop));
  return Identity{ElementText(xml, "Account"), ElementText(xml, "Arn")};
}

void Sts::Sign(http::Request& request, const Secret& form, const SigningKeys& caller) const {
  HttpRequestToSign signing{.method = request.method,
                            .path = request.path,
                            .headers = {{"host", request.origin.authority()}},
                            .payload_hash = Sha256::Of(AsBytes(form.Expose())).ToHex()};
  signing.headers.insert(signing.headers.end(), request.headers.begin(), request.headers.end());
  const Signer signer({options_.region.empty() ? "us-east-1" : options_.region, "sts"});
  for (auto& header : signer.SignHeaders(caller, signing, clock_.Now()).added)
    request.headers.push_back(std::move(header));
}

Result<std::string> Sts::Send(std::string_view action, const Secret& form, const SigningKeys* caller,
                              const std::stop_token& stop) {
  SESHAT_ASSIGN(const http::Url url, http::ParseUrl(Endpoint(options_)));
  for (bool again = false;; again = true) {
    http::Request request{.method = "POST",
                          .origin = url.origin,
                          .path = url.path,
                          .headers = {{"content-type", "application/x-www-form-urlencoded"}, {"accept", "text/xml"}},
                          .body = http::Body::Of(form.Expose()),
                          .max_response_bytes = 256 << 10,
                          .timeouts = {.total = std::chrono::seconds(20)},
                          .operation = fmt::format("sts:{}", action)};
    const std::chrono::nanoseconds signed_at = clock_.offset();
    if (caller != nullptr) Sign(request, form, *caller);
    http::Outcome outcome = sender_.Send(std::move(request), stop);
    if (!outcome.response)
      return std::unexpected(std::move(outcome.response.error()).WithContext(fmt::format("sending sts:{}", action)));
    http::Response& response = *outcome.response;
    clock_.Learn(response);
    if (response.status == 200) return std::move(response.body);
    const bool too_far = caller != nullptr && response.status < 500 && clock_.IsFarFrom(signed_at);
    if (!too_far || again) return std::unexpected(Refused(action, response.status, response.body));
  }
}

}  // namespace seshat::aws
