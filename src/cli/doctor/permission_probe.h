// One request that tells whether an action is allowed, and changes nothing: it is about something that does not exist or
// cannot be, so that a service which would do it says so instead. Services look at permissions first.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/doctor/finding.h"
#include "platform/http/sender.h"

namespace seshat::cli::doctor {

struct PermissionProbe {
  std::string action;    // "s3:PutObject"
  std::string resource;  // its ARN: "arn:aws:s3:::bucket/*"
  http::Request request;
  // The service's codes that mean: allowed, but not possible.
  std::vector<std::string_view> allowed;
  std::string* answer = nullptr;  // where the body of a 2xx answer goes; may be null
  std::string* server = nullptr;  // where the Server header of any answer goes; may be null
};

// The check is called after the action. Not allowed: a problem naming action and resource. Everything else that is
// refused (no such bucket, wrong region, unknown key, clock, certificate) is a problem of its own in the words of
// aws::ToError.
Finding RunProbe(http::Sender& sender, PermissionProbe probe, std::string_view region);

// Whether it makes sense to probe further: the place was reached and knew us.
bool IsAboutPermission(const Finding& finding);

}  // namespace seshat::cli::doctor
