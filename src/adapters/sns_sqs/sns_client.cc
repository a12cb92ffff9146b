#include "adapters/sns_sqs/sns_client.h"

#include <fmt/format.h>

#include <optional>
#include <pugixml.hpp>

#include "core/base/text_parts.h"
#include "platform/aws/sigv4.h"

namespace seshat::sns_sqs {
namespace {

using std::chrono::seconds;

constexpr std::string_view kAttributeType = "String";
constexpr int kMaxSubscriptionPages = 200;  // 100 each: more than a bus has, and an end for an endless answer

// The <action>Result of an answer.
ServiceResult<pugi::xml_node> ResultNode(pugi::xml_document& document, const std::string& body,
                                         std::string_view action) {
  const auto parsed = document.load_buffer(body.data(), body.size(), pugi::parse_default, pugi::encoding_utf8);
  const std::string name(action);
  const auto node = document.child((name + "Response").c_str()).child((name + "Result").c_str());
  if (parsed && node) return node;
  return std::unexpected(ServiceError{
      .error = {ErrorCode::kDataLoss, fmt::format("the answer of SNS to {} is not what it should be", action)}});
}

Attributes AttributesOf(const pugi::xml_node& result) {
  Attributes attributes;
  for (const auto& entry : result.child("Attributes").children("entry"))
    attributes.emplace(entry.child("key").text().get(), entry.child("value").text().get());
  return attributes;
}

std::optional<size_t> IndexOf(const pugi::xml_node& member, size_t entries) {
  const auto index = ParseInteger<size_t>(member.child("Id").text().get());
  return index && *index < entries ? index : std::nullopt;
}

// Every entry that <Successful> does not name has failed.
std::vector<BatchFailure> FailuresOf(const pugi::xml_node& result, size_t entries) {
  std::vector<std::optional<BatchFailure>> state(entries);
  for (size_t i = 0; i < entries; ++i) state[i] = BatchFailure{i, "", "SNS did not say what became of it", false};
  for (const auto& member : result.child("Successful").children("member"))
    if (const auto index = IndexOf(member, entries)) state[*index].reset();
  for (const auto& member : result.child("Failed").children("member")) {
    const auto index = IndexOf(member, entries);
    if (!index) continue;
    const std::string_view fault = member.child("SenderFault").text().get();
    state[*index] = BatchFailure{*index, member.child("Code").text().get(), member.child("Message").text().get(),
                                 fault == "true" || fault == "True"};
  }
  std::vector<BatchFailure> failures;
  for (auto& failure : state)
    if (failure) failures.push_back(*std::move(failure));
  return failures;
}

void AppendAttributes(std::vector<std::pair<std::string, std::string>>& form, const Attributes& attributes) {
  size_t i = 1;
  for (const auto& [name, value] : attributes) {
    form.emplace_back(fmt::format("Attributes.entry.{}.key", i), name);
    form.emplace_back(fmt::format("Attributes.entry.{}.value", i), value);
    ++i;
  }
}

}  // namespace

size_t Notification::size() const {
  return message.size() + kTypeAttribute.size() + kAttributeType.size() + type.size();
}

size_t FitsInBatch(std::span<const Notification> notifications) {
  size_t bytes = 0;
  size_t count = 0;
  while (count < notifications.size() && count < kMaxInBatch) {
    bytes += notifications[count].size();
    if (count > 0 && bytes > kMaxPublishBytes) break;
    ++count;
  }
  return count;
}

bool IsBatchRefused(const ServiceError& error) {
  return error.error.code == ErrorCode::kPermissionDenied || error.error.code == ErrorCode::kUnsupported ||
         error.code == "InvalidAction" || error.code == "UnknownOperationException";
}

bool IsNoSuchTopic(const ServiceError& error) {
  return error.code == "NotFound" || error.code == "NotFoundException" || error.code == "TopicNotFound";
}

ServiceResult<std::string> SnsClient::Call(std::string_view action, std::string_view permission, const Form& form) {
  std::string body = fmt::format("Action={}&Version=2010-03-31", action);
  for (const auto& [name, value] : form) {
    body += '&';
    body += aws::UriEncode(name);
    body += '=';
    body += aws::UriEncode(value);
  }
  http::Request request;
  request.method = "POST";
  request.origin = endpoint_.origin;
  request.path = endpoint_.path;
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
  request.body = http::Body::Of(std::move(body));
  request.timeouts.total = seconds(60);
  request.operation = permission;
  return SendForBody(sender_, std::move(request), {});
}

ServiceResult<std::vector<BatchFailure>> SnsClient::Publish(const std::string& topic_arn,
                                                            std::span<const Notification> notifications) {
  Form form{{"TopicArn", topic_arn}};
  for (size_t i = 0; i < notifications.size(); ++i) {
    const auto entry = fmt::format("PublishBatchRequestEntries.member.{}.", i + 1);
    const auto attribute = entry + "MessageAttributes.entry.1.";
    form.emplace_back(entry + "Id", std::to_string(i));
    form.emplace_back(entry + "Message", notifications[i].message);
    form.emplace_back(attribute + "Name", kTypeAttribute);
    form.emplace_back(attribute + "Value.DataType", kAttributeType);
    form.emplace_back(attribute + "Value.StringValue", notifications[i].type);
  }
  auto answer = Call("PublishBatch", "sns:Publish", form);
  if (!answer) return std::unexpected(std::move(answer).error());
  pugi::xml_document document;
  auto result = ResultNode(document, *answer, "PublishBatch");
  if (!result) return std::unexpected(std::move(result).error());
  return FailuresOf(*result, notifications.size());
}

ServiceStatus SnsClient::PublishOne(const std::string& topic_arn, const Notification& notification) {
  auto answer = Call("Publish", "sns:Publish",
                     {{"TopicArn", topic_arn},
                      {"Message", notification.message},
                      {"MessageAttributes.entry.1.Name", std::string(kTypeAttribute)},
                      {"MessageAttributes.entry.1.Value.DataType", std::string(kAttributeType)},
                      {"MessageAttributes.entry.1.Value.StringValue", notification.type}});
  if (!answer) return std::unexpected(std::move(answer).error());
  pugi::xml_document document;
  auto result = ResultNode(document, *answer, "Publish");
  if (!result) return std::unexpected(std::move(result).error());
  return {};
}

ServiceResult<std::string> SnsClient::CreateTopic(const std::string& name, const Attributes& attributes) {
  Form form{{"Name", name}};
  AppendAttributes(form, attributes);
  auto answer = Call("CreateTopic", "sns:CreateTopic", form);
  if (!answer) return std::unexpected(std::move(answer).error());
  pugi::xml_document document;
  auto result = ResultNode(document, *answer, "CreateTopic");
  if (!result) return std::unexpected(std::move(result).error());
  return std::string(result->child("TopicArn").text().get());
}

ServiceResult<Attributes> SnsClient::TopicAttributes(const std::string& topic_arn) {
  auto answer = Call("GetTopicAttributes", "sns:GetTopicAttributes", {{"TopicArn", topic_arn}});
  if (!answer) return std::unexpected(std::move(answer).error());
  pugi::xml_document document;
  auto result = ResultNode(document, *answer, "GetTopicAttributes");
  if (!result) return std::unexpected(std::move(result).error());
  return AttributesOf(*result);
}

ServiceStatus SnsClient::SetTopicAttribute(const std::string& topic_arn, const std::string& name,
                                           const std::string& value) {
  auto answer = Call("SetTopicAttributes", "sns:SetTopicAttributes",
                     {{"TopicArn", topic_arn}, {"AttributeName", name}, {"AttributeValue", value}});
  if (!answer) return std::unexpected(std::move(answer).error());
  return {};
}

ServiceResult<std::vector<TopicSubscription>> SnsClient::Subscriptions(const std::string& topic_arn) {
  std::vector<TopicSubscription> subscriptions;
  std::string next;
  for (int page = 0; page < kMaxSubscriptionPages; ++page) {
    Form form{{"TopicArn", topic_arn}};
    if (!next.empty()) form.emplace_back("NextToken", next);
    auto answer = Call("ListSubscriptionsByTopic", "sns:ListSubscriptionsByTopic", form);
    if (!answer) return std::unexpected(std::move(answer).error());
    pugi::xml_document document;
    auto result = ResultNode(document, *answer, "ListSubscriptionsByTopic");
    if (!result) return std::unexpected(std::move(result).error());
    for (const auto& member : result->child("Subscriptions").children("member"))
      subscriptions.push_back({member.child("SubscriptionArn").text().get(), member.child("Protocol").text().get(),
                               member.child("Endpoint").text().get()});
    next = result->child("NextToken").text().get();
    if (next.empty()) return subscriptions;
  }
  return subscriptions;
}

ServiceResult<std::string> SnsClient::Subscribe(const std::string& topic_arn, const std::string& queue_arn,
                                                const Attributes& attributes) {
  Form form{{"TopicArn", topic_arn}, {"Protocol", "sqs"}, {"Endpoint", queue_arn}, {"ReturnSubscriptionArn", "true"}};
  AppendAttributes(form, attributes);
  auto answer = Call("Subscribe", "sns:Subscribe", form);
  if (!answer) return std::unexpected(std::move(answer).error());
  pugi::xml_document document;
  auto result = ResultNode(document, *answer, "Subscribe");
  if (!result) return std::unexpected(std::move(result).error());
  return std::string(result->child("SubscriptionArn").text().get());
}

ServiceResult<Attributes> SnsClient::SubscriptionAttributes(const std::string& subscription_arn) {
  auto answer =
      Call("GetSubscriptionAttributes", "sns:GetSubscriptionAttributes", {{"SubscriptionArn", subscription_arn}});
  if (!answer) return std::unexpected(std::move(answer).error());
  pugi::xml_document document;
  auto result = ResultNode(document, *answer, "GetSubscriptionAttributes");
  if (!result) return std::unexpected(std::move(result).error());
  return AttributesOf(*result);
}

ServiceStatus SnsClient::SetSubscriptionAttribute(const std::string& subscription_arn, const std::string& name,
                                                  const std::string& value) {
  auto answer = Call("SetSubscriptionAttributes", "sns:SetSubscriptionAttributes",
                     {{"SubscriptionArn", subscription_arn}, {"AttributeName", name}, {"AttributeValue", value}});
  if (!answer) return std::unexpected(std::move(answer).error());
  return {};
}

}  // namespace seshat::sns_sqs
