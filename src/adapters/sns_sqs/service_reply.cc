#include "adapters/sns_sqs/service_reply.h"

#include "platform/aws/error.h"

namespace seshat::sns_sqs {

ServiceResult<std::string> SendForBody(http::Sender& sender, http::Request request, const std::stop_token& stop) {
  const std::string permission = request.operation;
  http::Outcome outcome = sender.Send(std::move(request), stop);
  if (!outcome.response) return std::unexpected(ServiceError{.error = std::move(outcome.response).error()});
  http::Response& response = *outcome.response;
  if (response.status >= 200 && response.status < 300) return std::move(response.body);
  aws::AwsError refused = aws::ParseAwsError(response);
  Error error = aws::ToError(refused, {.action = permission});
  return std::unexpected(ServiceError{std::move(error), std::move(refused.code), std::move(refused.message)});
}

}  // namespace seshat::sns_sqs
