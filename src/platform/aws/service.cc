#include "platform/aws/service.h"

#include <utility>

#include "platform/aws/error.h"
#include "platform/http/observed_client.h"

namespace seshat::aws {
namespace {

SigningScope ScopeOf(const ServiceOptions& options) {
  return {options.region, options.service, options.service == "s3" ? PathRule::kS3 : PathRule::kNormalized};
}

// What one client is made from; each client and sender holds it.
struct Recipe {
  explicit Recipe(ServiceOptions o) : options(std::move(o)), signer(ScopeOf(options)) {}

  Result<std::unique_ptr<http::Client>> Make() const {
    SESHAT_ASSIGN(auto wire, http::MakeClient(options.http));
    auto signing = MakeSigningClient(std::move(wire), {ScopeOf(options), options.credentials, options.server_clock});
    auto retrying = http::MakeRetryingClient(std::move(signing), options.retry, *options.clock, *options.random);
    return http::MakeObservedClient(std::move(retrying), *options.clock, options.logger, options.metrics);
  }

  ServiceOptions options;
  Signer signer;  // for presigned URLs
};

class RealService : public Service {
 public:
  explicit RealService(ServiceOptions options) : recipe_(std::make_shared<const Recipe>(std::move(options))) {}

  Result<std::unique_ptr<http::Client>> MakeClient() override { return recipe_->Make(); }
  std::unique_ptr<http::Sender> MakeSender() override {
    return http::MakeSender([recipe = recipe_] { return recipe->Make(); });
  }

  Result<Secret> Presign(const http::Request& request, std::chrono::seconds valid) override {
    if (valid < std::chrono::seconds(1) || valid > std::chrono::days(7))
      return Fail(ErrorCode::kInvalidArgument, "a presigned URL can be valid for 1 second to 7 days");
    SESHAT_TRY(http::CheckRequest(request));
    const ServiceOptions& options = recipe_->options;
    SESHAT_ASSIGN(const auto credentials, options.credentials->Get({}));
    HttpRequestToSign to_sign{request.method, request.path, request.query, {}, "UNSIGNED-PAYLOAD"};
    to_sign.headers.emplace_back("host", request.origin.authority());
    to_sign.headers.insert(to_sign.headers.end(), request.headers.begin(), request.headers.end());
    const auto presigned = recipe_->signer.Presign(credentials->keys, to_sign, options.server_clock->Now(), valid);
    return Secret(request.origin.url() + request.path + "?" + presigned.query);
  }

 private:
  std::shared_ptr<const Recipe> recipe_;
};

}  // namespace

Result<std::unique_ptr<Service>> MakeService(ServiceOptions options) {
  if (options.service.empty() || options.region.empty() || !options.credentials || options.clock == nullptr ||
      options.random == nullptr)
    return Fail(ErrorCode::kInvalidArgument,
                "an AWS service needs a name, a region, credentials, a clock and randomness");
  if (!options.server_clock) options.server_clock = std::make_shared<ServerClock>(*options.clock);
  options.retry.judge = Judge;
  if (!options.retry.budget) options.retry.budget = std::make_shared<http::RetryBudget>();
  options.retry.logger = options.logger;
  options.retry.metrics = options.metrics;
  return std::make_unique<RealService>(std::move(options));
}

}  // namespace seshat::aws
