#include "platform/aws_credentials/web_identity.h"

#include <fmt/format.h>

namespace seshat::aws {

Result<Credentials> AssumeWithTokenFile(const Surroundings& surroundings, Sts& sts, const RoleToAssume& role,
                                        const std::string& file, std::stop_token stop) {
  auto text = surroundings.read_file(surroundings.Expand(file));
  if (!text) {
    Error error = std::move(text.error()).WithContext("reading the web identity token");
    if (!error.retryable()) error.code = ErrorCode::kUnauthenticated;
    return std::unexpected(std::move(error));
  }
  std::string_view token = text->Expose();
  while (!token.empty() && (token.back() == '\n' || token.back() == '\r')) token.remove_suffix(1);
  if (token.empty())
    return Fail(ErrorCode::kUnauthenticated, fmt::format("the web identity token in {} is empty", file));
  return sts.AssumeRoleWithWebIdentity(role, Secret(std::string(token)), std::move(stop));
}

std::string DefaultSessionName(Clock& clock) {
  return fmt::format("seshat-{}", std::chrono::floor<std::chrono::seconds>(clock.Now()).time_since_epoch().count());
}

}  // namespace seshat::aws
