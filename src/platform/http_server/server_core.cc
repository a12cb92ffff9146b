#include "platform/http_server/server_core.h"

#include "platform/http_server/http_date.h"

namespace seshat::http_server {

std::string ServerCore::DateText() {
  if (options_.clock == nullptr) return {};
  const Timestamp now = options_.clock->Now();
  const int64_t second = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  if (second != date_second_) date_ = FormatHttpDate(now);
  date_second_ = second;
  return date_;
}

Response ServerCore::Refuse(const Refusal& refusal) const {
  return options_.refuse ? options_.refuse(refusal) : PlainText(refusal.status, refusal.detail + "\n");
}

}  // namespace seshat::http_server
