// AWS STS: one identity for another.
#pragma once

#include <stop_token>
#include <string>

#include "core/base/error.h"
#include "core/base/secret.h"
#include "platform/aws/credentials.h"
#include "platform/aws/server_clock.h"
#include "platform/http/sender.h"

namespace seshat::aws {

struct StsOptions {
  std::string region;    // empty: the global endpoint, which lives in us-east-1
  std::string endpoint;  // "http://127.0.0.1:5000"; empty: AWS's own for the region
};

struct RoleToAssume {
  std::string role_arn;
  std::string session_name;          // appears in the logs of AWS
  std::string external_id;           // empty: none
  uint32_t duration_seconds = 3600;  // 900–43,200
};

// Thread safety: all methods, from any thread, where the sender is.
class Sts {
 public:
  // Signs by the servers' time and teaches it: every answer's Date, also that to an unsigned request, so that the end of
  // the credentials in it is measured by the clock that set it. A request that was refused for its time is sent once
  // more.
  Sts(StsOptions options, http::Sender& sender, ServerClock& clock);

  // kUnauthenticated: the caller is unknown to AWS; kPermissionDenied: it may not assume the role, the text says what
  // to allow; kUnavailable: AWS did not answer.
  Result<Credentials> AssumeRole(const RoleToAssume& role, const SigningKeys& caller, std::stop_token stop);
  // Unsigned: the token says who asks.
  Result<Credentials> AssumeRoleWithWebIdentity(const RoleToAssume& role, const Secret& token, std::stop_token stop);

  struct Identity {
    std::string account;
    std::string arn;
  };
  // Who the caller is. Needs no permission.
  Result<Identity> CallerIdentity(const SigningKeys& caller, std::stop_token stop);

 private:
  Result<std::string> Send(std::string_view action, const Secret& form, const SigningKeys* caller,
                           const std::stop_token& stop);
  void Sign(http::Request& request, const Secret& form, const SigningKeys& caller) const;

  StsOptions options_;
  http::Sender& sender_;
  ServerClock& clock_;
};

}  // namespace seshat::aws
