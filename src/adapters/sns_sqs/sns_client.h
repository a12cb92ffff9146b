// The requests to SNS that the bus makes, in the query protocol (forms there, XML back).
// https://docs.aws.amazon.com/sns/latest/api
//
// Thread safety: all methods, from any thread.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/sns_sqs/service_reply.h"
#include "adapters/sns_sqs/sqs_client.h"
#include "platform/http/sender.h"

namespace seshat::sns_sqs {

// SNS's limit for a message and for a batch, attributes counted.
inline constexpr size_t kMaxPublishBytes = 256 * 1024;
// The message attribute that filter policies look at.
inline constexpr std::string_view kTypeAttribute = "type";

struct Notification {
  std::string type;
  std::string message;
  // As SNS counts: the message, and name, data type and value of the attribute.
  size_t size() const;
};

struct TopicSubscription {
  std::string arn;  // "PendingConfirmation" where it has none yet
  std::string protocol;
  std::string endpoint;
};

using Attributes = std::map<std::string, std::string>;

class SnsClient {
 public:
  // `sender` signs for the service "sns" and must outlive the client.
  SnsClient(http::Sender& sender, http::Url endpoint) : sender_(sender), endpoint_(std::move(endpoint)) {}

  // Up to ten, together at most kMaxPublishBytes; the failures are answered. Needs sns:Publish.
  ServiceResult<std::vector<BatchFailure>> Publish(const std::string& topic_arn,
                                                   std::span<const Notification> notifications);

  // One, in a request of its own. Needs sns:Publish.
  ServiceStatus PublishOne(const std::string& topic_arn, const Notification& notification);

  // Answers the topic's ARN; a topic that there is already stays as it is.
  ServiceResult<std::string> CreateTopic(const std::string& name, const Attributes& attributes);
  ServiceResult<Attributes> TopicAttributes(const std::string& topic_arn);
  ServiceStatus SetTopicAttribute(const std::string& topic_arn, const std::string& name, const std::string& value);
  ServiceResult<std::vector<TopicSubscription>> Subscriptions(const std::string& topic_arn);
  ServiceResult<std::string> Subscribe(const std::string& topic_arn, const std::string& queue_arn,
                                       const Attributes& attributes);
  ServiceResult<Attributes> SubscriptionAttributes(const std::string& subscription_arn);
  ServiceStatus SetSubscriptionAttribute(const std::string& subscription_arn, const std::string& name,
                                         const std::string& value);

 private:
  using Form = std::vector<std::pair<std::string, std::string>>;
  ServiceResult<std::string> Call(std::string_view action, std::string_view permission, const Form& form);

  http::Sender& sender_;
  http::Url endpoint_;
};

// How many of `notifications` from the first one fit into one request; at least one.
size_t FitsInBatch(std::span<const Notification> notifications);

// Batches are not to be had here: the service has none, or (moto, when it enforces policies) asks for another permission.
bool IsBatchRefused(const ServiceError& error);
bool IsNoSuchTopic(const ServiceError& error);

}  // namespace seshat::sns_sqs
