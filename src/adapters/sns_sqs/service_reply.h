// What SNS and SQS answer to one request: a value, or an error together with AWS's own name for it. Internal to this
// adapter and to aws_setup.
#pragma once

#include <expected>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/error.h"
#include "platform/http/sender.h"

namespace seshat::sns_sqs {

struct ServiceError {
  Error error;
  std::string code = {};   // "QueueDoesNotExist"; empty where no service has answered
  std::string words = {};  // its own, for people and for telling codes apart that mean several things
};

template <typename T>
using ServiceResult = std::expected<T, ServiceError>;
using ServiceStatus = ServiceResult<void>;

// The same as a Result, for callers that need the text only.
template <typename T>
Result<T> Plain(ServiceResult<T> reply) {
  if (!reply) return std::unexpected(std::move(reply).error().error);
  if constexpr (std::is_void_v<T>) {
    return {};
  } else {
    return std::move(reply).value();
  }
}

// Sends the request and answers the body of a 2xx response, else the error.
ServiceResult<std::string> SendForBody(http::Sender& sender, http::Request request, const std::stop_token& stop);

}  // namespace seshat::sns_sqs

// As SESHAT_TRY and SESHAT_ASSIGN for a ServiceResult inside a function that answers Result or Status.
#define SESHAT_TRY_PLAIN(expression) SESHAT_TRY(::seshat::sns_sqs::Plain(expression))
#define SESHAT_ASSIGN_PLAIN(lhs, expression) SESHAT_ASSIGN(lhs, ::seshat::sns_sqs::Plain(expression))
