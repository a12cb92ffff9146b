#include "composition/aws_access.h"

#include <fmt/format.h>

#include "platform/aws/error.h"
#include "platform/aws_credentials/credential_chain.h"
#include "platform/http/retrying_client.h"

namespace seshat::composition {
namespace {

// What services that only speak like S3 take for their own where nobody says another.
constexpr std::string_view kRegionOfOthers = "us-east-1";

aws::Addressing AddressingOf(const Config& config) {
  const std::string& text = config.Text("aws.addressing");
  return text == "path"      ? aws::Addressing::kPath
         : text == "virtual" ? aws::Addressing::kVirtual
                             : aws::Addressing::kAuto;
}

}  // namespace

Result<S3Place> ParseS3Place(std::string_view rest) {
  const size_t slash = std::min(rest.find('/'), rest.size());
  S3Place place{std::string(rest.substr(0, slash)), std::string(rest.substr(std::min(slash + 1, rest.size())))};
  while (place.prefix.ends_with('/')) place.prefix.pop_back();
  if (place.bucket.empty())
    return Fail(ErrorCode::kInvalidArgument, "store.url names no bucket: expected s3://bucket or s3://bucket/prefix");
  return place;
}

Result<std::unique_ptr<AwsAccess>> AwsAccess::Make(const Config& config, const Environment& environment,
                                                   const AwsParts& parts) {
  std::unique_ptr<AwsAccess> access(new AwsAccess(parts));
  SESHAT_TRY(access->Configure(config, environment));
  return access;
}

AwsAccess::~AwsAccess() = default;

Status AwsAccess::Configure(const Config& config, const Environment& environment) {
  environment_ = environment;
  configured_proxy_ = config.Text("aws.proxy");
  const aws::Surroundings surroundings = aws::MakeSurroundings(environment);
  const std::string& profile = config.Text("aws.profile");
  SESHAT_ASSIGN(const aws::SharedSettings shared, aws::SharedSettings::Read(surroundings, profile));
  const auto text = [&](std::string_view setting, const std::optional<std::string>& otherwise) {
    const std::string& own = config.Text(setting);
    return own.empty() ? otherwise.value_or("") : own;
  };
  endpoints_.endpoint = config.Text("aws.endpoint");
  // An endpoint for everything in our own configuration stands above AWS's variables for single services.
  const auto endpoint = [&](std::string_view setting, std::string_view service) {
    return text(setting, endpoints_.endpoint.empty() ? shared.Endpoint(service) : std::nullopt);
  };
  endpoints_.endpoint_s3 = endpoint("aws.endpoint_s3", "s3");
  endpoints_.endpoint_sns = endpoint("aws.endpoint_sns", "sns");
  endpoints_.endpoint_sqs = endpoint("aws.endpoint_sqs", "sqs");
  endpoints_.endpoint_sts = endpoint("aws.endpoint_sts", "sts");
  endpoints_.addressing = AddressingOf(config);
  endpoints_.region = text("aws.region", shared.Region());
  if (endpoints_.region.empty() && !at_aws("s3")) endpoints_.region = kRegionOfOthers;
  if (endpoints_.region.empty())
    return Fail(ErrorCode::kInvalidArgument,
                "there is no AWS region: set aws.region, such as \"eu-central-1\", or AWS_REGION");
  ca_file_ = text("aws.ca_file", shared.CaFile());

  SESHAT_ASSIGN(const http::Url sts, aws::ServiceEndpoint("sts", endpoints_));
  SESHAT_ASSIGN(http::ClientOptions remote, HttpOptions(sts.origin.tls));
  // Made once here for its errors: later ones come where nobody expects them.
  if (auto made = http::MakeClient(remote); !made)
    return std::unexpected(
        std::move(made.error()).WithContext(ca_file_.empty() ? "aws.proxy" : "aws.ca_file or AWS_CA_BUNDLE"));
  direct_ = http::MakeSender([] { return http::MakeClient({}); });
  const auto budget = std::make_shared<http::RetryBudget>();
  remote_ = http::MakeSender([this, remote, budget]() -> Result<std::unique_ptr<http::Client>> {
    SESHAT_ASSIGN(auto client, http::MakeClient(remote));
    return http::MakeRetryingClient(std::move(client),
                                    {.judge = aws::Judge, .budget = budget, .logger = &parts_.logger}, parts_.clock,
                                    parts_.random);
  });
  const aws::StsOptions sts_options{endpoints_.region, sts.origin.url() + sts.path};
  server_clock_ = std::make_shared<aws::ServerClock>(parts_.clock);
  sts_ = std::make_unique<aws::Sts>(sts_options, *remote_, *server_clock_);
  SESHAT_ASSIGN(credentials_, aws::MakeCredentialChain(
                                  {profile, sts_options}, surroundings,
                                  {*direct_, *remote_, parts_.clock, *server_clock_, parts_.random, parts_.logger}));
  return {};
}

Result<AwsAccess*> LazyAws::Get() {
  const std::lock_guard lock(mutex_);
  if (!access_) {
    SESHAT_ASSIGN(access_, AwsAccess::Make(config_, environment_, parts_));
  }
  return access_.get();
}

bool AwsAccess::at_aws(std::string_view service) const {
  if (!endpoints_.endpoint.empty()) return false;
  if (service == "s3") return endpoints_.endpoint_s3.empty();
  if (service == "sns") return endpoints_.endpoint_sns.empty();
  if (service == "sqs") return endpoints_.endpoint_sqs.empty();
  if (service == "sts") return endpoints_.endpoint_sts.empty();
  return true;
}

bool AwsAccess::UsesTls(std::string_view service) const {
  if (at_aws(service)) return true;
  const auto url = aws::ServiceEndpoint(service, endpoints_);
  return !url || url->origin.tls;
}

Result<http::ClientOptions> AwsAccess::HttpOptions(bool tls) const {
  http::ClientOptions options;
  options.ca_file = ca_file_;
  SESHAT_ASSIGN(Proxy proxy,
                FindProxy(configured_proxy_, tls ? ConnectionKind::kTls : ConnectionKind::kPlain, environment_));
  options.proxy = std::move(proxy.url);
  options.proxy_user = std::move(proxy.user);
  options.no_proxy = std::move(proxy.no_proxy);
  return options;
}

Result<std::shared_ptr<aws::Service>> AwsAccess::Service(std::string_view service) {
  const std::lock_guard lock(mutex_);
  if (const auto found = services_.find(service); found != services_.end()) return found->second;
  aws::ServiceOptions options{.service = std::string(service),
                              .region = endpoints_.region,
                              .credentials = credentials_,
                              .server_clock = server_clock_,
                              .clock = &parts_.clock,
                              .random = &parts_.random,
                              .logger = &parts_.logger,
                              .metrics = &parts_.metrics};
  SESHAT_ASSIGN(options.http, HttpOptions(UsesTls(service)));
  SESHAT_ASSIGN(std::shared_ptr<aws::Service> made, aws::MakeService(std::move(options)));
  services_.emplace(service, made);
  return made;
}

Result<aws::Sts::Identity> AwsAccess::CallerIdentity(std::stop_token stop) {
  SESHAT_ASSIGN(const aws::CredentialsPtr credentials, credentials_->Get(stop));
  return sts_->CallerIdentity(credentials->keys, std::move(stop));
}

}  // namespace seshat::composition
