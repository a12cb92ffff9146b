// Looks at a bucket and makes of it what bucket_plan.h says.
//
// Looking needs s3:ListBucket, s3:GetBucketOwnershipControls, s3:GetBucketPublicAccessBlock, s3:GetBucketVersioning,
// s3:GetEncryptionConfiguration, s3:GetLifecycleConfiguration and s3:GetBucketPolicy; an error names the one that is
// missing. Writing needs the same with Put, and s3:CreateBucket.
#pragma once

#include <string>
#include <string_view>

#include "adapters/sns_sqs/service_reply.h"
#include "core/base/error.h"
#include "platform/aws/endpoint.h"
#include "platform/http/sender.h"
#include "provisioning/bucket_plan.h"

namespace seshat::provisioning {

class BucketSetup {
 public:
  // `sender` signs for "s3" and must outlive this.
  BucketSetup(http::Sender& sender, aws::BucketEndpoint endpoint, BucketWants wants)
      : sender_(sender), endpoint_(std::move(endpoint)), wants_(std::move(wants)) {}

  const BucketWants& wants() const { return wants_; }
  Result<BucketActual> Look();
  Status Apply(const BucketPlan& plan);

 private:
  using Reply = sns_sqs::ServiceResult<http::Response>;
  Reply Send(std::string_view method, std::string_view query, std::string_view permission, std::string body = "",
             const http::HeaderList& headers = {});
  // The configuration behind `query`: empty where there is none, or the service has no such thing.
  Result<std::string> Read(std::string_view query, std::string_view permission, std::string_view what,
                           BucketActual& actual, std::string* transition_minimum = nullptr);
  Result<bool> Exists();
  Status Write(std::string_view query, std::string_view permission, std::string body,
               const http::HeaderList& headers = {});
  Status Create();

  http::Sender& sender_;
  aws::BucketEndpoint endpoint_;
  BucketWants wants_;
};

}  // namespace seshat::provisioning
