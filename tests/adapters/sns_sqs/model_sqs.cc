#include "adapters/sns_sqs/model_sqs.h"

#include <algorithm>

namespace seshat::testing {
namespace {

namespace bj = boost::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::string Text(const bj::object& object, const char* name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

int64_t Number(const bj::object& object, const char* name) {
  const auto* value = object.if_contains(name);
  return value == nullptr ? 0 : value->to_number<int64_t>();
}

std::string QueueName(const bj::object& request) {
  const std::string url = Text(request, "QueueUrl");
  return url.substr(url.rfind('/') + 1);
}

}  // namespace

ModelQueue& ModelSqs::Find(const Object& request) {
  const auto it = queues_.find(QueueName(request));
  if (it == queues_.end())
    throw ModelRefusal{"com.amazonaws.sqs#QueueDoesNotExist", "The specified queue does not exist."};
  return it->second;
}

void ModelSqs::Wake() {
  for (auto* sleeper : sleepers_) sleeper->request_stop();
}

void ModelSqs::Add(ModelQueue& queue, ModelMessage message) {
  message.id = "message-" + std::to_string(++number_);
  message.sent_at = clock_.Now();
  message.visible_at = message.sent_at;
  queue.messages.push_back(std::move(message));
  Wake();
}

void ModelSqs::Deliver(const std::string& queue, const std::string& body, const Object& attributes) {
  const std::lock_guard lock(mutex_);
  if (const auto it = queues_.find(queue); it != queues_.end())
    Add(it->second, {.body = body, .attributes = attributes});
}

void ModelSqs::FailEntries(int entries) {
  const std::lock_guard lock(mutex_);
  failing_ = entries;
}

ModelQueue ModelSqs::Copy(const std::string& queue) {
  const std::lock_guard lock(mutex_);
  return queues_[queue];
}

bool ModelSqs::Has(const std::string& queue) {
  const std::lock_guard lock(mutex_);
  return queues_.contains(queue);
}

bj::object ModelSqs::Create(const Object& request) {
  auto& queue = queues_[Text(request, "QueueName")];
  for (const auto& [name, value] : request.at("Attributes").get_object()) {
    auto& attribute = queue.attributes[std::string(name)];
    if (!attribute.empty() && attribute != std::string_view(value.get_string()))
      throw ModelRefusal{"com.amazonaws.sqs#QueueNameExists", "A queue already exists with different attributes."};
    attribute = value.get_string();
  }
  return {{"QueueUrl", "http://model/123456789012/" + Text(request, "QueueName")}};
}

bj::object ModelSqs::ReceiveNow(ModelQueue& queue, const Object& request) {
  const Timestamp now = clock_.Now();
  const auto most = static_cast<size_t>(Number(request, "MaxNumberOfMessages"));
  if (most < 1 || most > 10) throw ModelRefusal{"com.amazonaws.sqs#InvalidParameterValue", "MaxNumberOfMessages"};
  Object policy;
  if (const auto& text = queue.attributes["RedrivePolicy"]; !text.empty()) policy = bj::parse(text).get_object();
  std::ranges::shuffle(queue.messages, shuffle_);
  bj::array answer;
  std::vector<ModelMessage> dead;
  std::erase_if(queue.messages, [&](ModelMessage& m) {
    if (m.visible_at > now || answer.size() == most) return false;
    if (!policy.empty() && m.received >= Number(policy, "maxReceiveCount")) {
      dead.push_back(std::move(m));
      return true;
    }
    if (!m.receipt.empty()) m.old_receipts.push_back(m.receipt);
    m.receipt = "receipt." + std::to_string(++number_);
    m.visible_at = now + seconds(Number(request, "VisibilityTimeout"));
    ++m.received;
    const auto sent = std::chrono::floor<milliseconds>(m.sent_at).time_since_epoch().count();
    answer.push_back(
        {{"MessageId", m.id},
         {"ReceiptHandle", m.receipt},
         {"Body", m.body},
         {"Attributes",
          {{"ApproximateReceiveCount", std::to_string(m.received)}, {"SentTimestamp", std::to_string(sent)}}},
         {"MessageAttributes", m.attributes}});
    return false;
  });
  for (auto& m : dead) {
    const std::string arn = Text(policy, "deadLetterTargetArn");
    m.visible_at = now;
    queues_.at(arn.substr(arn.rfind(':') + 1)).messages.push_back(std::move(m));
  }
  Object object;
  if (!answer.empty()) object["Messages"] = std::move(answer);
  return object;
}

bj::object ModelSqs::Receive(const Object& request, const std::stop_token& stop) {
  const auto deadline = clock_.Now() + seconds(Number(request, "WaitTimeSeconds"));
  while (true) {
    std::stop_source wake;
    std::chrono::nanoseconds nap{};
    {
      const std::lock_guard lock(mutex_);
      ModelQueue& queue = Find(request);
      Object answer = ReceiveNow(queue, request);
      nap = deadline - clock_.Now();
      if (!answer.empty() || nap.count() <= 0 || stop.stop_requested()) return answer;
      for (const auto& m : queue.messages) nap = std::min(nap, m.visible_at - clock_.Now());
      sleepers_.push_back(&wake);
    }
    {
      const std::stop_callback pass_on(stop, [&wake] { wake.request_stop(); });
      clock_.SleepFor(nap, wake.get_token());
    }
    const std::lock_guard lock(mutex_);
    std::erase(sleepers_, &wake);
  }
}

void ModelSqs::SendOne(ModelQueue& queue, const Object& entry) {
  const auto* attributes = entry.if_contains("MessageAttributes");
  Add(queue,
      {.body = Text(entry, "MessageBody"), .attributes = attributes != nullptr ? attributes->get_object() : Object()});
}

// A receipt of an earlier delivery is accepted and does nothing.
void ModelSqs::DeleteOne(ModelQueue& queue, const Object& entry) {
  const std::string receipt = Text(entry, "ReceiptHandle");
  if (!receipt.starts_with("receipt."))
    throw ModelRefusal{"ReceiptHandleIsInvalid", "The input receipt handle is invalid."};
  std::erase_if(queue.messages, [&](const ModelMessage& m) { return m.receipt == receipt; });
}

void ModelSqs::ChangeOne(ModelQueue& queue, const Object& entry) {
  const std::string receipt = Text(entry, "ReceiptHandle");
  const Timestamp now = clock_.Now();
  const auto it = std::ranges::find(queue.messages, receipt, &ModelMessage::receipt);
  if (it == queue.messages.end() || it->visible_at <= now)
    throw ModelRefusal{"com.amazonaws.sqs#InvalidParameterValue",
                       "Value " + receipt +
                           " for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not "
                           "available for visibility timeout change."};
  it->visible_at = now + seconds(Number(entry, "VisibilityTimeout"));
  Wake();
}

bj::object ModelSqs::Batch(const Object& request, void (ModelSqs::*each)(ModelQueue&, const Object&)) {
  ModelQueue& queue = Find(request);
  bj::array successful;
  bj::array failed;
  const auto& entries = request.at("Entries").get_array();
  if (entries.empty() || entries.size() > 10)
    throw ModelRefusal{"com.amazonaws.sqs#TooManyEntriesInBatchRequest", std::to_string(entries.size())};
  for (const auto& entry : entries) {
    const std::string id = Text(entry.get_object(), "Id");
    if (failing_ > 0) {
      --failing_;
      failed.push_back({{"Id", id}, {"Code", "InternalError"}, {"Message", "try again"}, {"SenderFault", false}});
      continue;
    }
    try {
      (this->*each)(queue, entry.get_object());
      successful.push_back(Object{{"Id", id}});
    } catch (const ModelRefusal& refusal) {
      failed.push_back({{"Id", id}, {"Code", refusal.code}, {"Message", refusal.message}, {"SenderFault", true}});
    }
  }
  return {{"Successful", std::move(successful)}, {"Failed", std::move(failed)}};
}

bj::object ModelSqs::Attributes(const Object& request) {
  const ModelQueue& queue = Find(request);
  const auto invisible =
      std::ranges::count_if(queue.messages, [&](const ModelMessage& m) { return m.visible_at > clock_.Now(); });
  Object attributes;
  for (const auto& [name, value] : queue.attributes)
    if (!value.empty()) attributes[name] = value;
  attributes["ApproximateNumberOfMessages"] =
      std::to_string(static_cast<std::ptrdiff_t>(queue.messages.size()) - invisible);
  attributes["ApproximateNumberOfMessagesNotVisible"] = std::to_string(invisible);
  attributes["ApproximateNumberOfMessagesDelayed"] = "0";
  return {{"Attributes", std::move(attributes)}};
}

bj::object ModelSqs::Call(const std::string& action, const Object& request, const std::stop_token& stop) {
  if (action == "ReceiveMessage") return Receive(request, stop);
  const std::lock_guard lock(mutex_);
  if (action == "CreateQueue") return Create(request);
  if (action == "SendMessageBatch") return Batch(request, &ModelSqs::SendOne);
  if (action == "DeleteMessageBatch") return Batch(request, &ModelSqs::DeleteOne);
  if (action == "ChangeMessageVisibilityBatch") return Batch(request, &ModelSqs::ChangeOne);
  if (action == "GetQueueAttributes") return Attributes(request);
  if (action == "ChangeMessageVisibility") {
    ChangeOne(Find(request), request);
    return {};
  }
  if (action == "SetQueueAttributes") {
    ModelQueue& queue = Find(request);
    for (const auto& [name, value] : request.at("Attributes").get_object())
      queue.attributes[std::string(name)] = value.get_string();
    return {};
  }
  throw ModelRefusal{"com.amazon.coral.service#UnknownOperationException", action};
}

}  // namespace seshat::testing
