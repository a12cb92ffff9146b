#include "adapters/sns_sqs/sqs_client.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "core/base/text_parts.h"
#include "core/records/json_fields.h"

namespace seshat::sns_sqs {
namespace {

namespace bj = boost::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kPatience = seconds(60);  // for an answer, beyond the wait that was asked for
// Ten messages of 1 MiB, each byte escaped with six at worst.
constexpr uint64_t kMaxResponseBytes = 64 << 20;

std::string_view TextOr(const bj::object& object, std::string_view name, std::string_view fallback = "") {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : fallback;
}

const bj::object* ObjectOf(const bj::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value == nullptr ? nullptr : value->if_object();
}

const bj::array* ArrayOf(const bj::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value == nullptr ? nullptr : value->if_array();
}

ServiceResult<bj::object> ParseObject(std::string_view body) {
  auto value = json::Parse(body, "the answer of SQS");
  if (!value) return std::unexpected(ServiceError{.error = std::move(value).error()});
  if (auto* object = value->if_object()) return std::move(*object);
  return std::unexpected(ServiceError{.error = {ErrorCode::kDataLoss, "the answer of SQS is no JSON object"}});
}

std::optional<SqsMessage> MessageOf(const bj::value& value) {
  const auto* object = value.if_object();
  if (object == nullptr) return std::nullopt;
  SqsMessage message;
  message.id = TextOr(*object, "MessageId");
  message.receipt = TextOr(*object, "ReceiptHandle");
  message.body = TextOr(*object, "Body");
  if (message.receipt.empty()) return std::nullopt;  // nothing can be done with it
  if (const auto* system = ObjectOf(*object, "Attributes")) {
    message.receive_count = ParseInteger<uint32_t>(TextOr(*system, "ApproximateReceiveCount")).value_or(1);
    if (const auto sent = ParseInteger<int64_t>(TextOr(*system, "SentTimestamp")); sent && *sent < 1LL << 42)
      message.sent_at = Timestamp(milliseconds(*sent));
  }
  if (const auto* attributes = ObjectOf(*object, "MessageAttributes")) {
    for (const auto& [name, attribute] : *attributes)
      if (const auto* inner = attribute.if_object())
        message.attributes.emplace(std::string(name), TextOr(*inner, "StringValue"));
  }
  return message;
}

// Every entry that `Successful` does not name has failed.
ServiceResult<std::vector<BatchFailure>> FailuresOf(const ServiceResult<std::string>& body, size_t entries) {
  if (!body) return std::unexpected(body.error());
  auto reply = ParseObject(*body);
  if (!reply) return std::unexpected(std::move(reply).error());
  std::vector<std::optional<BatchFailure>> state(entries);
  for (size_t i = 0; i < entries; ++i) state[i] = BatchFailure{i, "", "SQS did not say what became of it", false};
  const auto index_of = [&](const bj::value& entry) -> std::optional<size_t> {
    const auto* object = entry.if_object();
    const auto index = object == nullptr ? std::nullopt : ParseInteger<size_t>(TextOr(*object, "Id"));
    return index && *index < entries ? index : std::nullopt;
  };
  if (const auto* successful = ArrayOf(*reply, "Successful")) {
    for (const auto& entry : *successful)
      if (const auto index = index_of(entry)) state[*index].reset();
  }
  if (const auto* failed = ArrayOf(*reply, "Failed")) {
    for (const auto& entry : *failed) {
      const auto index = index_of(entry);
      if (!index) continue;
      const auto* fault = entry.get_object().if_contains("SenderFault");
      state[*index] = BatchFailure{*index, std::string(TextOr(entry.get_object(), "Code")),
                                   std::string(TextOr(entry.get_object(), "Message")),
                                   fault != nullptr && fault->is_bool() && fault->get_bool()};
    }
  }
  std::vector<BatchFailure> failures;
  for (auto& failure : state)
    if (failure) failures.push_back(*std::move(failure));
  return failures;
}

bj::object Texts(const std::map<std::string, std::string>& texts) {
  bj::object object;
  for (const auto& [name, text] : texts) object[name] = text;
  return object;
}

ServiceStatus WithoutBody(ServiceResult<std::string> reply) {
  if (!reply) return std::unexpected(std::move(reply).error());
  return {};
}

}  // namespace

bool IsNoSuchQueue(const ServiceError& error) {
  return error.code.ends_with("QueueDoesNotExist") || error.code.ends_with("NonExistentQueue");
}

bool IsEndedReceipt(const ServiceError& error) {
  if (error.code.ends_with("ReceiptHandleIsInvalid") || error.code.ends_with("MessageNotInflight")) return true;
  return error.code.ends_with("InvalidParameterValue") && error.words.contains("ReceiptHandle");
}

bool IsBeyondLongest(const ServiceError& error) {
  return error.code.ends_with("InvalidParameterValue") && error.words.contains("VisibilityTimeout");
}

ServiceResult<std::string> SqsClient::Call(std::string_view action, std::string_view permission, std::string body,
                                           milliseconds answer_after, const std::stop_token& stop) {
  http::Request request;
  request.method = "POST";
  request.origin = endpoint_.origin;
  request.path = endpoint_.path;
  request.headers = {{"Content-Type", "application/x-amz-json-1.0"},
                     {"X-Amz-Target", fmt::format("AmazonSQS.{}", action)}};
  request.body = http::Body::Of(std::move(body));
  request.max_response_bytes = kMaxResponseBytes;
  request.timeouts.total = answer_after + kPatience;
  request.operation = permission;
  return SendForBody(sender_, std::move(request), stop);
}

ServiceResult<std::vector<SqsMessage>> SqsClient::Receive(const std::string& url, const ReceiveRequest& request,
                                                          const std::stop_token& stop) {
  const bj::object body{{"QueueUrl", url},
                        {"MaxNumberOfMessages", request.most},
                        {"WaitTimeSeconds", request.wait.count()},
                        {"VisibilityTimeout", request.invisible.count()},
                        {"MessageSystemAttributeNames", bj::array{"ApproximateReceiveCount", "SentTimestamp"}},
                        {"MessageAttributeNames", bj::array{"All"}}};
  auto answer = Call("ReceiveMessage", "sqs:ReceiveMessage", bj::serialize(body), request.wait, stop);
  if (!answer) return std::unexpected(std::move(answer).error());
  auto reply = ParseObject(*answer);
  if (!reply) return std::unexpected(std::move(reply).error());
  std::vector<SqsMessage> messages;
  if (const auto* list = ArrayOf(*reply, "Messages")) {
    for (const auto& value : *list)
      if (auto message = MessageOf(value)) messages.push_back(*std::move(message));
  }
  return messages;
}

ServiceResult<std::vector<BatchFailure>> SqsClient::Delete(const std::string& url,
                                                           std::span<const std::string> receipts) {
  bj::array entries;
  for (size_t i = 0; i < receipts.size(); ++i)
    entries.push_back({{"Id", std::to_string(i)}, {"ReceiptHandle", receipts[i]}});
  const bj::object body{{"QueueUrl", url}, {"Entries", std::move(entries)}};
  return FailuresOf(Call("DeleteMessageBatch", "sqs:DeleteMessage", bj::serialize(body), {}, {}), receipts.size());
}

ServiceResult<std::vector<BatchFailure>> SqsClient::Send(const std::string& url,
                                                         std::span<const OutgoingMessage> messages) {
  bj::array entries;
  for (size_t i = 0; i < messages.size(); ++i) {
    bj::object attributes;
    for (const auto& [name, text] : messages[i].attributes)
      attributes[name] = {{"DataType", "String"}, {"StringValue", text}};
    bj::object entry{{"Id", std::to_string(i)}, {"MessageBody", messages[i].body}};
    if (!attributes.empty()) entry["MessageAttributes"] = std::move(attributes);
    entries.push_back(std::move(entry));
  }
  const bj::object body{{"QueueUrl", url}, {"Entries", std::move(entries)}};
  return FailuresOf(Call("SendMessageBatch", "sqs:SendMessage", bj::serialize(body), {}, {}), messages.size());
}

ServiceResult<std::vector<BatchFailure>> SqsClient::ChangeVisibility(const std::string& url,
                                                                     std::span<const std::string> receipts,
                                                                     seconds invisible) {
  bj::array entries;
  for (size_t i = 0; i < receipts.size(); ++i)
    entries.push_back(
        {{"Id", std::to_string(i)}, {"ReceiptHandle", receipts[i]}, {"VisibilityTimeout", invisible.count()}});
  const bj::object body{{"QueueUrl", url}, {"Entries", std::move(entries)}};
  return FailuresOf(Call("ChangeMessageVisibilityBatch", "sqs:ChangeMessageVisibility", bj::serialize(body), {}, {}),
                    receipts.size());
}

ServiceStatus SqsClient::ChangeVisibility(const std::string& url, std::string_view receipt, seconds invisible) {
  const bj::object body{{"QueueUrl", url}, {"ReceiptHandle", receipt}, {"VisibilityTimeout", invisible.count()}};
  return WithoutBody(Call("ChangeMessageVisibility", "sqs:ChangeMessageVisibility", bj::serialize(body), {}, {}));
}

ServiceResult<QueueAttributes> SqsClient::Attributes(const std::string& url, std::span<const std::string_view> names) {
  bj::array wanted;
  for (const auto name : names) wanted.emplace_back(name);
  const bj::object body{{"QueueUrl", url}, {"AttributeNames", std::move(wanted)}};
  auto answer = Call("GetQueueAttributes", "sqs:GetQueueAttributes", bj::serialize(body), {}, {});
  if (!answer) return std::unexpected(std::move(answer).error());
  auto reply = ParseObject(*answer);
  if (!reply) return std::unexpected(std::move(reply).error());
  QueueAttributes attributes;
  if (const auto* object = ObjectOf(*reply, "Attributes")) {
    for (const auto& [name, value] : *object)
      if (value.is_string()) attributes.emplace(std::string(name), std::string(value.get_string()));
  }
  return attributes;
}

ServiceStatus SqsClient::SetAttributes(const std::string& url, const QueueAttributes& attributes) {
  const bj::object body{{"QueueUrl", url}, {"Attributes", Texts(attributes)}};
  return WithoutBody(Call("SetQueueAttributes", "sqs:SetQueueAttributes", bj::serialize(body), {}, {}));
}

ServiceResult<std::string> SqsClient::Create(const std::string& name, const QueueAttributes& attributes) {
  const bj::object body{{"QueueName", name}, {"Attributes", Texts(attributes)}};
  auto answer = Call("CreateQueue", "sqs:CreateQueue", bj::serialize(body), {}, {});
  if (!answer) return std::unexpected(std::move(answer).error());
  auto reply = ParseObject(*answer);
  if (!reply) return std::unexpected(std::move(reply).error());
  return std::string(TextOr(*reply, "QueueUrl"));
}

}  // namespace seshat::sns_sqs
