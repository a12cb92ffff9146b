#include "adapters/sns_sqs/names.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/utf8.h"
#include "platform/aws/endpoint.h"

namespace seshat::sns_sqs {
namespace {

constexpr size_t kMaxBusName = 60;  // leaves 20 of a queue's name to subscription and "-dead"

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || IsDigit(c) || c == '-' || c == '_';
}

}  // namespace

std::string BusNames::topic_arn() const { return aws::Arn("sns", region, account, name); }

std::string BusNames::queue(std::string_view subscription) const { return fmt::format("{}-{}", name, subscription); }

std::string BusNames::dead_queue(std::string_view subscription) const {
  return fmt::format("{}-{}{}", name, subscription, kDeadSuffix);
}

std::string BusNames::queue_arn(std::string_view queue_name) const {
  return aws::Arn("sqs", region, account, queue_name);
}

std::string BusNames::queue_url(const http::Url& sqs, std::string_view queue_name) const {
  const std::string_view prefix =
      sqs.path.ends_with('/') ? std::string_view(sqs.path).substr(0, sqs.path.size() - 1) : sqs.path;
  return fmt::format("{}{}/{}/{}", sqs.origin.url(), prefix, account, queue_name);
}

Result<BusNames> ParseBusNames(std::string_view account_and_name, std::string_view region) {
  if (region.empty())
    return Fail(ErrorCode::kInvalidArgument, "the event bus needs a region: set aws.region or the variable AWS_REGION");
  const size_t slash = account_and_name.find('/');
  BusNames names{.region = std::string(region)};
  names.account = account_and_name.substr(0, slash);
  if (slash != std::string_view::npos) names.name = account_and_name.substr(slash + 1);
  const bool account_fits = names.account.size() == 12 && std::ranges::all_of(names.account, IsDigit);
  const bool name_fits =
      !names.name.empty() && names.name.size() <= kMaxBusName && std::ranges::all_of(names.name, IsNameCharacter);
  if (account_fits && name_fits) return names;
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("bus.url: 'sns-sqs://' is followed by the account's twelve digits, '/' and a name of "
                          "1 to {} of A-Z a-z 0-9 _ -, not by '{}'",
                          kMaxBusName, EscapeForTerminal(account_and_name.substr(0, 200))));
}

Status CheckSubscriptionName(const BusNames& names, std::string_view subscription) {
  if (subscription.ends_with(kDeadSuffix))
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("a subscription on SQS must not end in '{}': queues of dead letters do", kDeadSuffix));
  if (const auto queue = names.dead_queue(subscription); queue.size() > kMaxQueueName)
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("the queue '{}' would have {} characters, SQS allows {}: shorten the name of the bus",
                            queue, queue.size(), kMaxQueueName));
  return {};
}

}  // namespace seshat::sns_sqs
