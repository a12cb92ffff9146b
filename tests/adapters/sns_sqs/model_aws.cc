#include "adapters/sns_sqs/model_aws.h"

#include <fmt/format.h>

#include <algorithm>

#include "platform/aws/sigv4.h"

namespace seshat::testing {
namespace {

namespace bj = boost::json;

std::string_view BodyOf(const http::Request& request) {
  return {reinterpret_cast<const char*>(request.body.bytes.data()), request.body.bytes.size()};
}

std::string HeaderOf(const http::Request& request, std::string_view name) {
  for (const auto& [header, value] : request.headers)
    if (header == name) return value;
  return {};
}

std::map<std::string, std::string> ParseForm(std::string_view body) {
  std::map<std::string, std::string> form;
  while (!body.empty()) {
    const auto pair = body.substr(0, body.find('&'));
    body.remove_prefix(std::min(body.size(), pair.size() + 1));
    const size_t equals = pair.find('=');
    form[aws::UriDecode(pair.substr(0, equals))] = aws::UriDecode(pair.substr(equals + 1));
  }
  return form;
}

std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '&') {
      escaped += "&amp;";
    } else if (c == '<') {
      escaped += "&lt;";
    } else if (c == '>') {
      escaped += "&gt;";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string Wrapped(const std::string& action, const std::string& inner) {
  return fmt::format(
      "<{0}Response xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><{0}Result>{1}</{0}Result>"
      "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></{0}Response>",
      action, inner);
}

std::string Entries(const std::map<std::string, std::string>& attributes) {
  std::string xml = "<Attributes>";
  for (const auto& [name, value] : attributes)
    xml += fmt::format("<entry><key>{}</key><value>{}</value></entry>", name, Escaped(value));
  return xml + "</Attributes>";
}

std::map<std::string, std::string> AttributesIn(const std::map<std::string, std::string>& form) {
  std::map<std::string, std::string> attributes;
  for (int i = 1; form.contains(fmt::format("Attributes.entry.{}.key", i)); ++i)
    attributes[form.at(fmt::format("Attributes.entry.{}.key", i))] =
        form.at(fmt::format("Attributes.entry.{}.value", i));
  return attributes;
}

bool Wants(const ModelLink& link, const std::string& type) {
  const auto filter = link.attributes.find("FilterPolicy");
  if (filter == link.attributes.end()) return true;
  const auto policy = bj::parse(filter->second);
  const auto* types = policy.get_object().if_contains("type");
  return types == nullptr || std::ranges::find(types->get_array(), bj::value(type)) != types->get_array().end();
}

}  // namespace

void ModelAws::AddTopic(const std::string& name) {
  const std::lock_guard lock(mutex_);
  topics_[fmt::format("arn:aws:sns:{}:{}:{}", kRegion, kAccount, name)];
}

std::vector<std::string> ModelAws::operations() const {
  const std::lock_guard lock(mutex_);
  return operations_;
}

void ModelAws::FailPublished(int entries, bool senders_fault) {
  const std::lock_guard lock(mutex_);
  failing_ = entries;
  senders_fault_ = senders_fault;
}

ModelLink& ModelAws::FindLink(const std::string& arn) {
  for (auto& [topic, links] : topics_)
    for (auto& link : links)
      if (link.arn == arn) return link;
  throw ModelRefusal{"NotFound", "Subscription does not exist"};
}

void ModelAws::Publish(const std::string& topic, const std::string& message, const std::string& type) {
  for (const ModelLink& link : topics_.at(topic)) {
    if (!Wants(link, type)) continue;
    const std::string queue = link.queue_arn.substr(link.queue_arn.rfind(':') + 1);
    const auto raw = link.attributes.find("RawMessageDelivery");
    const bool is_raw = raw != link.attributes.end() && raw->second == "true";
    const std::string body =
        is_raw ? message
               : bj::serialize(bj::object{
                     {"Type", "Notification"}, {"MessageId", "m"}, {"TopicArn", topic}, {"Message", message}});
    for (int i = 0; i < copies; ++i)
      sqs_.Deliver(queue, body, {{"type", {{"DataType", "String"}, {"StringValue", type}}}});
  }
}

std::string ModelAws::PublishBatch(const Form& form) {
  std::string successful;
  std::string failed;
  size_t bytes = 0;
  for (int i = 1;; ++i) {
    const auto prefix = fmt::format("PublishBatchRequestEntries.member.{}.", i);
    if (!form.contains(prefix + "Id")) break;
    if (i > 10) throw ModelRefusal{"TooManyEntriesInBatchRequest", "more than ten"};
    const std::string& id = form.at(prefix + "Id");
    const std::string& message = form.at(prefix + "Message");
    const std::string& type = form.at(prefix + "MessageAttributes.entry.1.Value.StringValue");
    if (form.at(prefix + "MessageAttributes.entry.1.Name") != "type") throw ModelRefusal{"InvalidParameter", "Name"};
    bytes += message.size() + type.size() + std::string_view("typeString").size();
    if (bytes > 262'144) throw ModelRefusal{"BatchRequestTooLong", "The batch is too long"};
    if (failing_ > 0) {
      --failing_;
      failed += fmt::format(
          "<member><Id>{}</Id><Code>InternalError</Code><Message>try &amp; again</Message><SenderFault>{}"
          "</SenderFault></member>",
          id, senders_fault_);
      continue;
    }
    Publish(form.at("TopicArn"), message, type);
    successful += fmt::format("<member><Id>{}</Id><MessageId>m</MessageId></member>", id);
  }
  return fmt::format("<Successful>{}</Successful><Failed>{}</Failed>", successful, failed);
}

std::string ModelAws::Subscribe(const Form& form) {
  auto& links = topics_.at(form.at("TopicArn"));
  const auto known = std::ranges::find(links, form.at("Endpoint"), &ModelLink::queue_arn);
  if (known != links.end()) throw ModelRefusal{"InvalidParameter", "Subscription already exists"};
  links.push_back({fmt::format("{}:{}", form.at("TopicArn"), links.size()), form.at("Endpoint"), AttributesIn(form)});
  return fmt::format("<SubscriptionArn>{}</SubscriptionArn>", links.back().arn);
}

std::string ModelAws::CallSns(const Form& form) {
  const std::lock_guard lock(mutex_);
  const std::string& action = form.at("Action");
  if (action == "CreateTopic") {
    const auto arn = fmt::format("arn:aws:sns:{}:{}:{}", kRegion, kAccount, form.at("Name"));
    topics_[arn];
    return fmt::format("<TopicArn>{}</TopicArn>", arn);
  }
  if (form.contains("TopicArn") && !topics_.contains(form.at("TopicArn")))
    throw ModelRefusal{"NotFound", "Topic does not exist"};
  if (action == "GetTopicAttributes") return Entries(topic_attributes_[form.at("TopicArn")]);
  if (action == "SetTopicAttributes") {
    topic_attributes_[form.at("TopicArn")][form.at("AttributeName")] = form.at("AttributeValue");
    return "";
  }
  if (action == "Publish") {
    Publish(form.at("TopicArn"), form.at("Message"), form.at("MessageAttributes.entry.1.Value.StringValue"));
    return "<MessageId>m</MessageId>";
  }
  if (action == "PublishBatch") return PublishBatch(form);
  if (action == "Subscribe") return Subscribe(form);
  if (action == "GetSubscriptionAttributes") return Entries(FindLink(form.at("SubscriptionArn")).attributes);
  if (action == "SetSubscriptionAttributes") {
    FindLink(form.at("SubscriptionArn")).attributes[form.at("AttributeName")] = form.at("AttributeValue");
    return "";
  }
  if (action == "ListSubscriptionsByTopic") {
    // One on a page, so that pages are followed.
    const auto& links = topics_.at(form.at("TopicArn"));
    const size_t at = form.contains("NextToken") ? std::stoul(form.at("NextToken")) : 0;
    std::string xml;
    if (at < links.size())
      xml = fmt::format(
          "<member><SubscriptionArn>{}</SubscriptionArn><Protocol>sqs</Protocol><Endpoint>{}</Endpoint></member>",
          links[at].arn, links[at].queue_arn);
    const std::string next = at + 1 < links.size() ? fmt::format("<NextToken>{}</NextToken>", at + 1) : "";
    return fmt::format("<Subscriptions>{}</Subscriptions>{}", xml, next);
  }
  throw ModelRefusal{"InvalidAction", action};
}

http::Outcome ModelAws::Send(http::Request request, std::stop_token stop) {
  {
    const std::lock_guard lock(mutex_);
    operations_.push_back(request.operation);
  }
  http::Outcome outcome{.response = http::Response{.status = 200}};
  if (instead_) {
    if (auto answer = instead_(request)) {
      outcome.response = *std::move(answer);
      return outcome;
    }
  }
  const std::string target = HeaderOf(request, "X-Amz-Target");
  try {
    if (target.empty()) {
      const Form form = ParseForm(BodyOf(request));
      outcome.response->body = Wrapped(form.at("Action"), CallSns(form));
    } else {
      const auto answer = sqs_.Call(target.substr(target.find('.') + 1), bj::parse(BodyOf(request)).get_object(), stop);
      outcome.response->body = bj::serialize(answer);
    }
  } catch (const ModelRefusal& refusal) {
    outcome.response->status = 400;
    outcome.response->body = target.empty()
                                 ? fmt::format(
                                       "<ErrorResponse><Error><Type>Sender</Type><Code>{}</Code><Message>{}</Message>"
                                       "</Error><RequestId>r</RequestId></ErrorResponse>",
                                       refusal.code, Escaped(refusal.message))
                                 : bj::serialize(bj::object{{"__type", refusal.code}, {"message", refusal.message}});
  }
  if (stop.stop_requested()) outcome.response = Fail(ErrorCode::kCancelled, "stopped");
  return outcome;
}

}  // namespace seshat::testing
