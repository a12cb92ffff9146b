#include "cli/doctor/permission_probe.h"

#include <fmt/format.h>

#include <algorithm>

#include "platform/aws/error.h"

namespace seshat::cli::doctor {
namespace {

constexpr std::string_view kAllow = "allow ";

// AWS itself often names what is missing, which need not be what was asked for: "… is not authorized to perform:
// kms:GenerateDataKey on resource: arn:aws:kms:… because …".
std::string Missing(const PermissionProbe& probe, std::string_view message) {
  constexpr std::string_view kAction = "not authorized to perform: ";
  constexpr std::string_view kResource = " on resource: ";
  std::string_view action = probe.action;
  std::string_view resource = probe.resource;
  const size_t at = message.find(kAction);
  const size_t on = message.find(kResource, std::min(at, message.size()));
  if (at != std::string_view::npos && on != std::string_view::npos) {
    const std::string_view named = message.substr(at + kAction.size(), on - at - kAction.size());
    // The same action on one object is better told with the pattern that a policy needs.
    if (named != action) {
      action = named;
      resource = message.substr(on + kResource.size());
      resource = resource.substr(0, resource.find_first_of(" \t"));
    }
  }
  return fmt::format("{}{} on {}", kAllow, action, resource);
}

}  // namespace

Finding RunProbe(http::Sender& sender, PermissionProbe probe, std::string_view region) {
  probe.request.operation = probe.action;
  // Passing faults are retried within this time.
  probe.request.timeouts.total = std::chrono::seconds(20);
  http::Outcome outcome = sender.Send(std::move(probe.request));
  if (!outcome.response) return ProblemOf(probe.action, outcome.response.error());
  if (probe.server != nullptr) *probe.server = outcome.response->headers.Get("server");
  const int status = outcome.response->status;
  if (status >= 200 && status < 300) {
    if (probe.answer != nullptr) *probe.answer = std::move(outcome.response->body);
    return {probe.action, Verdict::kOk, "allowed on " + probe.resource, ""};
  }
  const aws::AwsError refused = aws::ParseAwsError(*outcome.response);
  if (std::ranges::find(probe.allowed, refused.code) != probe.allowed.end())
    return {probe.action, Verdict::kOk, "allowed on " + probe.resource, ""};
  const aws::CallContext context{.action = probe.action, .resource = probe.resource, .region = region};
  const Error error = aws::ToError(refused, context);
  if (error.code != ErrorCode::kPermissionDenied) return ProblemOf(probe.action, error);
  return {probe.action, Verdict::kProblem, fmt::format("not allowed ({})", refused.code),
          Missing(probe, refused.message), ExitCode::kCredentials};
}

bool IsAboutPermission(const Finding& finding) {
  return finding.verdict != Verdict::kProblem || finding.fix.starts_with(kAllow);
}

}  // namespace seshat::cli::doctor
