#include "platform/aws/server_clock.h"

#include "platform/http/date.h"

namespace seshat::aws {
namespace {

constexpr std::chrono::minutes kSkewAllowed{4};

}  // namespace

bool ServerClock::Learn(Timestamp server_date) {
  if (std::chrono::abs(server_date - Now()) <= kSkewAllowed) return false;
  offset_.store((server_date - clock_.Now()).count());
  return true;
}

bool ServerClock::Learn(const http::Response& response) {
  const auto date = http::ParseHttpDate(response.headers.Get("date"));
  return date && Learn(*date);
}

bool ServerClock::IsFarFrom(std::chrono::nanoseconds offset) const {
  return std::chrono::abs(this->offset() - offset) > kSkewAllowed;
}

}  // namespace seshat::aws
