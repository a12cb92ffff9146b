#include "cli/doctor/bus_probes.h"

#include <fmt/format.h>

#include "cli/doctor/permission_probe.h"
#include "composition/composition.h"
#include "composition/open_aws.h"
#include "services/indexing/indexing_service.h"

namespace seshat::cli::doctor {
namespace {

using sns_sqs::BusNames;

// SNS refuses a subject of more than 100 characters, so nobody ever gets this message.
http::Request PublishNothing(const http::Url& sns, const BusNames& names) {
  const std::string form = fmt::format("Action=Publish&Version=2010-03-31&TopicArn={}&Message=probe&Subject={}",
                                       aws::UriEncode(names.topic_arn()), std::string(200, 'x'));
  return {.method = "POST",
          .origin = sns.origin,
          .path = sns.path,
          .headers = {{"content-type", "application/x-www-form-urlencoded"}},
          .body = http::Body::Of(form)};
}

http::Request AskQueue(const http::Url& sqs, std::string_view action, const std::string& json) {
  return {.method = "POST",
          .origin = sqs.origin,
          .path = sqs.path,
          .headers = {{"content-type", "application/x-amz-json-1.0"},
                      {"x-amz-target", fmt::format("AmazonSQS.{}", action)}},
          .body = http::Body::Of(json)};
}

class QueueProber {
 public:
  QueueProber(composition::AwsAccess& aws, http::Sender& sender, const http::Url& sqs, const BusNames& names)
      : aws_(aws), sender_(sender), sqs_(sqs), names_(names) {}

  // A receipt that names no delivery; zero messages at most, where one is the least.
  Findings Consume(const std::string& queue) {
    Findings findings{Ask(queue, "GetQueueAttributes", R"("AttributeNames":["QueueArn"])", {})};
    if (!IsAboutPermission(findings.back())) return findings;
    const std::vector<std::string_view> no_receipt{"ReceiptHandleIsInvalid", "InvalidParameterValue"};
    findings.push_back(
        Ask(queue, "ReceiveMessage", R"("MaxNumberOfMessages":0)",
            {"InvalidParameterValue", "ReadCountOutOfRange", "AWS.SimpleQueueService.ReadCountOutOfRange"}));
    findings.push_back(Ask(queue, "DeleteMessage", R"("ReceiptHandle":"none")", no_receipt));
    findings.push_back(
        Ask(queue, "ChangeMessageVisibility", R"("ReceiptHandle":"none","VisibilityTimeout":30)", no_receipt));
    return findings;
  }

  // What is given up is sent there with the reason. An attribute of a type that there is not.
  Finding GiveUp(const std::string& dead_queue) {
    return Ask(dead_queue, "SendMessage",
               R"("MessageBody":"probe","MessageAttributes":{"probe":{"DataType":"none","StringValue":"x"}})",
               {"InvalidParameterValue", "InvalidAttributeValue"});
  }

 private:
  Finding Ask(const std::string& queue, std::string_view action, std::string_view more,
              std::vector<std::string_view> allowed) {
    const std::string body = fmt::format(R"({{"QueueUrl":"{}",{}}})", names_.queue_url(sqs_, queue), more);
    return RunProbe(
        sender_,
        {fmt::format("sqs:{}", action), names_.queue_arn(queue), AskQueue(sqs_, action, body), std::move(allowed)},
        aws_.region());
  }

  composition::AwsAccess& aws_;
  http::Sender& sender_;
  const http::Url& sqs_;
  const BusNames& names_;
};

Status Probe(const composition::Config& config, composition::AwsAccess& aws, const std::set<Duty>& duties,
             Findings& findings) {
  SESHAT_ASSIGN(const BusNames names, composition::BusNamesOf(config, aws.region()));
  if (duties != std::set<Duty>{Duty::kUser}) {
    SESHAT_ASSIGN(const http::Url sns, aws::ServiceEndpoint("sns", aws.endpoints()));
    SESHAT_ASSIGN(const auto service, aws.Service("sns"));
    findings.push_back(RunProbe(*service->MakeSender(),
                                {"sns:Publish",
                                 names.topic_arn(),
                                 PublishNothing(sns, names),
                                 {"InvalidParameter", "InvalidParameterValue", "ValidationError"}},
                                aws.region()));
    if (!IsAboutPermission(findings.back())) return {};
  }
  SESHAT_ASSIGN(const http::Url sqs, aws::ServiceEndpoint("sqs", aws.endpoints()));
  SESHAT_ASSIGN(const auto service, aws.Service("sqs"));
  const auto sender = service->MakeSender();
  QueueProber prober(aws, *sender, sqs, names);
  for (const std::string& subscription : composition::SubscriptionNames(config)) {
    const Duty duty = subscription == indexing::kIndexingSubscription ? Duty::kIndex : Duty::kProcess;
    if (!duties.contains(duty)) continue;
    for (Finding& finding : prober.Consume(names.queue(subscription))) findings.push_back(std::move(finding));
    if (IsAboutPermission(findings.back())) findings.push_back(prober.GiveUp(names.dead_queue(subscription)));
  }
  return {};
}

}  // namespace

void ProbeBus(const composition::Config& config, composition::AwsAccess& aws, const std::set<Duty>& duties,
              Findings& findings) {
  if (auto probed = Probe(config, aws, duties, findings); !probed)
    findings.push_back(ProblemOf("event bus", probed.error()));
}

}  // namespace seshat::cli::doctor
