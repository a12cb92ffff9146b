#include <fmt/format.h>

#include "platform/aws_credentials/metadata_sources.h"

namespace seshat::aws {
namespace {

constexpr std::string_view kRelative = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
constexpr std::string_view kFull = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
constexpr std::string_view kTokenFile = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
constexpr std::string_view kToken = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
constexpr int kAttempts = 3;
constexpr std::chrono::seconds kPause{1};

// The hosts that stay on the machine, or on its own link.
bool IsLocal(std::string_view host) {
  if (host == "localhost" || host == "[::1]" || host == "169.254.170.2" || host == "169.254.170.23" ||
      host == "[fd00:ec2::23]")
    return true;
  // 127.0.0.0/8: a name that begins so, like 127.evil.example, is none of these.
  return host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos;
}

class ContainerSource : public CredentialSource {
 public:
  ContainerSource(const Surroundings& surroundings, http::Sender& sender, Clock& clock, ServerClock& server_clock)
      : surroundings_(surroundings), sender_(sender), clock_(clock), server_clock_(server_clock) {}
  std::string name() const override { return "container endpoint"; }

  Result<Fetched> Fetch(std::stop_token stop) override {
    const auto relative = surroundings_.Variable(kRelative);
    const auto full = surroundings_.Variable(kFull);
    if (!relative && !full) return NotConfigured{fmt::format("neither {} nor {} is set", kRelative, kFull)};
    if (relative && !relative->starts_with('/')) return Bad(kRelative, "it does not start with '/'");
    const auto url = http::ParseUrl(relative ? "http://169.254.170.2" + *relative : *full);
    if (!url) return Bad(relative ? kRelative : kFull, "it is no http or https URL without a password");
    if (!url->origin.tls && !IsLocal(url->origin.host))
      return Bad(kFull, "plain http may lead to this machine only: use https");
    http::Request request{.origin = url->origin,
                          .path = url->path,
                          .query = url->query,
                          .headers = {{"accept", "application/json"}},
                          .max_response_bytes = 64 << 10,
                          .timeouts = {.connect = std::chrono::seconds(2), .total = std::chrono::seconds(2)},
                          .operation = "container:GetCredentials"};
    SESHAT_ASSIGN(const Secret token, Token());
    if (!token.empty()) request.headers.emplace_back("authorization", token.Expose());
    return Ask(request, stop);
  }

 private:
  static std::unexpected<Error> Bad(std::string_view variable, std::string_view problem) {
    return Fail(ErrorCode::kUnauthenticated, fmt::format("{}: {}", variable, problem));
  }

  // Read each time: in EKS the file is renewed.
  Result<Secret> Token() const {
    Secret token = surroundings_.SecretVariable(kToken);
    std::string_view from = kToken;
    if (const auto file = surroundings_.Variable(kTokenFile)) {
      from = kTokenFile;
      auto text = surroundings_.read_file(*file);
      if (!text) return std::unexpected(std::move(text.error()).WithContext(kTokenFile));
      token = std::move(*text);
    }
    std::string_view value = token.Expose();
    while (!value.empty() && (value.back() == '\n' || value.back() == '\r')) value.remove_suffix(1);
    if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos)
      return Bad(from, "the token has more than one line");
    return Secret(std::string(value));
  }

  Result<Fetched> Ask(const http::Request& request, std::stop_token stop) {
    Error last;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      if (attempt > 0 && !clock_.SleepFor(kPause, stop)) return Fail(ErrorCode::kCancelled, "stopped");
      http::Outcome outcome = sender_.Send(request, stop);
      if (!outcome.response) {
        last = std::move(outcome.response.error()).WithContext("asking the container endpoint for credentials");
        if (!last.retryable()) break;
        continue;
      }
      const int status = outcome.response->status;
      if (status == 200) {
        server_clock_.Learn(*outcome.response);
        SESHAT_ASSIGN(Credentials credentials,
                      ParseCredentialsJson(Secret(std::move(outcome.response->body)), "Token", name()));
        return credentials;
      }
      const bool passing = status >= 500 || status == 429;
      last = {passing ? ErrorCode::kUnavailable : ErrorCode::kUnauthenticated,
              fmt::format("the container endpoint answered {} to the question for credentials", status)};
      if (!passing) break;
    }
    return std::unexpected(std::move(last));
  }

  const Surroundings surroundings_;
  http::Sender& sender_;
  Clock& clock_;
  ServerClock& server_clock_;
};

}  // namespace

CredentialSourcePtr MakeContainerSource(const Surroundings& surroundings, http::Sender& sender, Clock& clock,
                                        ServerClock& server_clock) {
  return std::make_unique<ContainerSource>(surroundings, sender, clock, server_clock);
}

}  // namespace seshat::aws
