#include "adapters/s3_store/s3_error.h"

#include <utility>

#include "adapters/http/date.h"

namespace seshat::s3_store {

Error ErrorFrom(std::string_view action, std::string_view resource, const http::Response& response) {
  Error error = aws::ToError(aws::ParseAwsError(response), {.action = action, .resource = resource});
  if (const auto wait = response.headers.Find("retry-after"))
    error.retry_after = http::ParseRetryAfter(*wait, Timestamp{});
  return error;
}

}  // namespace seshat::s3_store
