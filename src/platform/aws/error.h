// What AWS services (and those that speak like them) answer when they refuse, as errors of ours.
#pragma once

#include <string>
#include <string_view>

#include "core/base/error.h"
#include "platform/http/message.h"
#include "platform/http/retrying_client.h"

namespace seshat::aws {

struct AwsError {
  std::string code;        // "NoSuchKey", "AccessDenied", "QueueDoesNotExist"; "404" where there was none
  std::string message;     // the service's own words
  std::string request_id;  // for AWS's support
  std::string region;      // where the bucket is, if the answer says so
  int status = 0;
};

// Reads S3's XML, the XML of query protocols (SNS, STS, IAM), and JSON (SQS), and what the headers add. For an answer
// without a body (HEAD) or that is none of these the status is the code. Works on any status, 200 with an error inside
// it too.
AwsError ParseAwsError(const http::Response& response);
// The body alone; empty code: it is no error of either form.
AwsError ParseAwsErrorBody(std::string_view body);

// What the caller was about to do, for advice.
struct CallContext {
  std::string_view action;    // the permission it takes: "s3:PutObject"; empty: unknown
  std::string_view resource;  // "s3://bucket/key", "topic seshat": what it was about; empty: unknown
  std::string_view region;    // the region that was asked; empty: unknown
};

// The code by a table, the text with what to do: missing permission, wrong region, wrong key, clock.
Error ToError(const AwsError& error, const CallContext& context);
// kUnavailable, kPermissionDenied, …: the table by itself.
ErrorCode CodeOf(const AwsError& error);

// The answer if its status is 2xx, or else the error. Retry-After becomes Error::retry_after.
Result<http::Response> Checked(http::Outcome outcome, const CallContext& context);

// For RetryOptions::judge: as JudgeByStatus, and by the code in the body: SlowDown, Throttling…, RequestTimeout and so on.
http::Verdict Judge(const http::Outcome& outcome);

// The credentials were refused as such, so that others may be accepted: expired, withdrawn, unknown.
bool IsRefusedCredentials(const AwsError& error);

}  // namespace seshat::aws
