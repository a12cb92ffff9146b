#include "provisioning/role_policies.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <initializer_list>

#include "core/records/json_fields.h"
#include "platform/aws/endpoint.h"

namespace seshat::provisioning {
namespace {

namespace bj = boost::json;

void Indent(const bj::value& value, size_t depth, std::string& out) {
  const std::string inner(2 * (depth + 1), ' ');
  const std::string outer(2 * depth, ' ');
  if (const auto* object = value.if_object()) {
    out += "{";
    const char* separator = "\n";
    for (const auto& [name, item] : *object) {
      out += separator + inner + bj::serialize(bj::value(name)) + ": ";
      Indent(item, depth + 1, out);
      separator = ",\n";
    }
    out += "\n" + outer + "}";
  } else if (const auto* array = value.if_array()) {
    out += "[";
    const char* separator = "\n";
    for (const auto& item : *array) {
      out += separator + inner;
      Indent(item, depth + 1, out);
      separator = ",\n";
    }
    out += "\n" + outer + "]";
  } else {
    out += bj::serialize(value);
  }
}

class PolicyWriter {
 public:
  void Allow(std::string_view sid, std::initializer_list<std::string_view> actions,
             const std::vector<std::string>& resources) {
    bj::array action_list;
    for (const auto action : actions) action_list.emplace_back(action);
    bj::array resource_list;
    for (const auto& resource : resources) resource_list.emplace_back(resource);
    statements_.push_back({{"Sid", sid},
                           {"Effect", "Allow"},
                           {"Action", std::move(action_list)},
                           {"Resource", std::move(resource_list)}});
  }
  std::string Text() const {
    return Indented(bj::serialize(bj::object{{"Version", "2012-10-17"}, {"Statement", statements_}}));
  }

 private:
  bj::array statements_;
};

struct Arns {
  explicit Arns(const PolicySubjects& s) {
    const auto partition = aws::PartitionOf(s.names.region).id;
    bucket = fmt::format("arn:{}:s3:::{}", partition, s.bucket);
    objects = fmt::format("{}/{}*", bucket, s.prefix.empty() ? "" : s.prefix + "/");
    topic = s.names.topic_arn();
    for (const auto& subscription : s.subscriptions) {
      queues.push_back(s.names.queue_arn(s.names.queue(subscription)));
      dead.push_back(s.names.queue_arn(s.names.dead_queue(subscription)));
    }
    all = queues;
    all.insert(all.end(), dead.begin(), dead.end());
  }
  std::string bucket, objects, topic;
  std::vector<std::string> queues, dead, all;
};

void AllowWriting(PolicyWriter& writer, const Arns& arns, const PolicySubjects& subjects) {
  writer.Allow("StoreObjects", {"s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"},
               {arns.objects});
  if (!subjects.kms_key.empty())
    writer.Allow("EncryptObjects", {"kms:GenerateDataKey", "kms:Decrypt"}, {subjects.kms_key});
}

void AllowReading(PolicyWriter& writer, const Arns& arns, const PolicySubjects& subjects, bool decrypt) {
  writer.Allow("ReadObjects", {"s3:GetObject"}, {arns.objects});
  writer.Allow("ListObjects", {"s3:ListBucket"}, {arns.bucket});
  if (decrypt && !subjects.kms_key.empty()) writer.Allow("DecryptObjects", {"kms:Decrypt"}, {subjects.kms_key});
}

void AllowSetup(PolicyWriter& writer, const Arns& arns) {
  writer.Allow(
      "SetUpBucket",
      {"s3:CreateBucket", "s3:ListBucket", "s3:GetBucketOwnershipControls", "s3:PutBucketOwnershipControls",
       "s3:GetBucketPublicAccessBlock", "s3:PutBucketPublicAccessBlock", "s3:GetBucketVersioning",
       "s3:PutBucketVersioning", "s3:GetEncryptionConfiguration", "s3:PutEncryptionConfiguration",
       "s3:GetLifecycleConfiguration", "s3:PutLifecycleConfiguration", "s3:GetBucketPolicy", "s3:PutBucketPolicy"},
      {arns.bucket});
  writer.Allow("SetUpTopic",
               {"sns:CreateTopic", "sns:GetTopicAttributes", "sns:SetTopicAttributes", "sns:ListSubscriptionsByTopic",
                "sns:Subscribe"},
               {arns.topic});
  writer.Allow("SetUpLinks", {"sns:GetSubscriptionAttributes", "sns:SetSubscriptionAttributes"},
               {arns.topic, arns.topic + ":*"});
  writer.Allow("SetUpQueues", {"sqs:CreateQueue", "sqs:GetQueueAttributes", "sqs:SetQueueAttributes"}, arns.all);
}

void AllowWork(PolicyWriter& writer, const Arns& arns) {
  writer.Allow("Publish", {"sns:Publish"}, {arns.topic});
  writer.Allow("Consume",
               {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"},
               arns.all);
  // To the dead letters with the reason, and back from there with `seshat dead-letters redrive`.
  writer.Allow("GiveUpAndRedrive", {"sqs:SendMessage"}, arns.all);
}

}  // namespace

std::optional<Role> ParseRole(std::string_view name) {
  if (name == "agent") return Role::kAgent;
  if (name == "worker") return Role::kWorker;
  if (name == "reader") return Role::kReader;
  if (name == "setup") return Role::kSetup;
  return std::nullopt;
}

std::string Indented(std::string_view policy) {
  const auto value = json::Parse(policy, "policy");
  if (!value) return std::string(policy);
  std::string text;
  Indent(*value, 0, text);
  return text;
}

std::string RolePolicy(Role role, const PolicySubjects& subjects) {
  const Arns arns(subjects);
  PolicyWriter writer;
  switch (role) {
    case Role::kAgent:
      AllowWriting(writer, arns, subjects);
      writer.Allow("Publish", {"sns:Publish"}, {arns.topic});
      break;
    case Role::kWorker:
      AllowWriting(writer, arns, subjects);
      AllowReading(writer, arns, subjects, false);
      AllowWork(writer, arns);
      break;
    case Role::kReader:
      AllowReading(writer, arns, subjects, true);
      break;
    case Role::kSetup:
      AllowSetup(writer, arns);
      break;
  }
  return writer.Text();
}

}  // namespace seshat::provisioning
