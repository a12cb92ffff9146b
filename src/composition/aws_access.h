// AWS as this configuration reaches it: who we are, where the services are, and clients for them.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "composition/config/config.h"
#include "composition/proxy.h"
#include "core/base/error.h"
#include "platform/aws/credentials.h"
#include "platform/aws/endpoint.h"
#include "platform/aws/service.h"
#include "platform/aws_credentials/sts.h"
#include "ports/clock.h"
#include "ports/logger.h"
#include "ports/metrics.h"
#include "ports/random.h"

namespace seshat::composition {

struct S3Place {
  std::string bucket;
  std::string prefix;  // without '/' at the end; empty: none
};
// Of "s3://bucket/prefix" what stands behind "://". kInvalidArgument without a bucket.
Result<S3Place> ParseS3Place(std::string_view rest);

// What it is built on; all must outlive it.
struct AwsParts {
  Clock& clock;
  Random& random;
  Logger& logger;
  Metrics& metrics;
};

// Thread safety: all methods, from any thread. Outlives the ports that are made with it.
class AwsAccess {
 public:
  // Reads configuration, environment and the shared files; asks nobody. kInvalidArgument naming the setting: no region,
  // no such profile, a CA file that cannot be read.
  static Result<std::unique_ptr<AwsAccess>> Make(const Config& config, const Environment& environment,
                                                 const AwsParts& parts);
  ~AwsAccess();
  AwsAccess(const AwsAccess&) = delete;
  AwsAccess& operator=(const AwsAccess&) = delete;

  const aws::EndpointOptions& endpoints() const { return endpoints_; }
  const std::string& region() const { return endpoints_.region; }
  bool at_aws(std::string_view service) const;  // no endpoint of one's own for it
  aws::CredentialsProvider& credentials() { return *credentials_; }
  // How far the servers' clock is ahead of ours, as far as their answers taught.
  std::chrono::nanoseconds clock_offset() const { return server_clock_->offset(); }
  // Clients that sign for `service` ("s3", "sns", "sqs", "es"); one and the same for all callers.
  Result<std::shared_ptr<aws::Service>> Service(std::string_view service);
  // Who we are, as STS says. Needs no permission.
  Result<aws::Sts::Identity> CallerIdentity(std::stop_token stop);

 private:
  explicit AwsAccess(const AwsParts& parts) : parts_(parts) {}
  Status Configure(const Config& config, const Environment& environment);
  Result<http::ClientOptions> HttpOptions(bool tls) const;
  bool UsesTls(std::string_view service) const;

  AwsParts parts_;
  aws::EndpointOptions endpoints_;
  std::string ca_file_;
  std::string configured_proxy_;
  Environment environment_;
  std::unique_ptr<http::Sender> direct_;
  std::unique_ptr<http::Sender> remote_;
  std::shared_ptr<aws::ServerClock> server_clock_;
  std::unique_ptr<aws::Sts> sts_;
  std::shared_ptr<aws::CredentialsProvider> credentials_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<aws::Service>, std::less<>> services_;
};

// AwsAccess made when something first needs it: most configurations never do. Thread-safe.
class LazyAws {
 public:
  // `config` and what `parts` names must outlive it.
  LazyAws(const Config& config, Environment environment, const AwsParts& parts)
      : config_(config), environment_(std::move(environment)), parts_(parts) {}
  // The same one each time; an error is not remembered.
  Result<AwsAccess*> Get();

 private:
  const Config& config_;
  const Environment environment_;
  const AwsParts parts_;
  std::mutex mutex_;
  std::unique_ptr<AwsAccess> access_;
};

}  // namespace seshat::composition
