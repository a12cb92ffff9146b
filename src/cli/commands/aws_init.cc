#include <fmt/format.h>

#include <memory>

#include "cli/aws/aws_setup_output.h"
#include "cli/aws/aws_wants.h"
#include "cli/commands/commands.h"
#include "cli/commands/common.h"
#include "cli/json_fields.h"
#include "core/base/nearest_name.h"
#include "core/base/utf8.h"

namespace seshat::cli {
namespace {

views::AwsSetup ResultOf(const Invocation& invocation, const provisioning::Wants& wants,
                         const provisioning::Plan& plan) {
  const std::string& prefix = wants.bucket.prefix;
  views::AwsSetup result{
      .dry_run = invocation.Has("--dry-run"),
      .notes = plan.notes,
      .store_url = fmt::format("s3://{}{}{}", wants.bucket.bucket, prefix.empty() ? "" : "/", prefix),
      .bus_url = fmt::format("sns-sqs://{}/{}", wants.names.account, wants.names.name),
      .region = wants.names.region};
  for (const provisioning::Step& step : plan.steps) result.steps.push_back({step.resource, step.change, step.makes});
  for (const char* role : {"agent", "worker", "reader"})
    result.policies.emplace_back(role, PolicyOf(*provisioning::ParseRole(role), wants));
  return result;
}

Result<std::shared_ptr<http::Sender>> SenderOf(composition::AwsAccess& aws, std::string_view service) {
  SESHAT_ASSIGN(const auto made, aws.Service(service));
  return std::shared_ptr<http::Sender>(made->MakeSender());
}

Status Init(Invocation& invocation, composition::AwsAccess& aws, const provisioning::Wants& wants) {
  SESHAT_ASSIGN(const auto s3_sender, SenderOf(aws, "s3"));
  SESHAT_ASSIGN(const auto sns_sender, SenderOf(aws, "sns"));
  SESHAT_ASSIGN(const auto sqs_sender, SenderOf(aws, "sqs"));
  SESHAT_ASSIGN(const aws::BucketEndpoint endpoint, aws::ResolveBucket(wants.bucket.bucket, aws.endpoints()));
  SESHAT_ASSIGN(const http::Url sns_url, aws::ServiceEndpoint("sns", aws.endpoints()));
  SESHAT_ASSIGN(const http::Url sqs_url, aws::ServiceEndpoint("sqs", aws.endpoints()));
  provisioning::BucketSetup bucket(*s3_sender, endpoint, wants.bucket);
  sns_sqs::SnsClient sns(*sns_sender, sns_url);
  sns_sqs::SqsClient sqs(*sqs_sender, sqs_url);
  provisioning::AwsSetup setup(wants, bucket, sns, sqs);
  SESHAT_ASSIGN(const provisioning::Actual actual, setup.Look());
  SESHAT_ASSIGN(const provisioning::Plan plan, provisioning::MakePlan(wants, actual));
  Console& console = invocation.console();
  const auto print = [&](const provisioning::Step& step) {
    if (!invocation.json())
      console.PrintLine(fmt::format("{}: {}", EscapeForTerminal(step.resource), EscapeForTerminal(step.change)));
  };
  if (invocation.Has("--dry-run")) {
    for (const auto& step : plan.steps) print(step);
  } else {
    SESHAT_TRY(setup.Apply(plan, print));
  }
  const views::AwsSetup result = ResultOf(invocation, wants, plan);
  if (invocation.json()) {
    PrintJson(console, views::JsonOf(result));
  } else {
    PrintAwsSetup(console, result);
  }
  return {};
}

Result<ExitCode> Run(Invocation& invocation) {
  const std::string& action = invocation.arguments().front();
  if (action != "init")
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("'{}' is none of: init{}", action, DidYouMean(action, {"init"})));
  SESHAT_ASSIGN(const auto bench, MakeWorkbench(invocation));
  SESHAT_ASSIGN(composition::AwsAccess* const aws, bench->foundation.aws->Get());
  SESHAT_ASSIGN(const provisioning::Wants wants, WantsOf(invocation, bench->config, *aws));
  if (!invocation.Has("--print-policy")) {
    SESHAT_TRY(Init(invocation, *aws, wants));
    return ExitCode::kOk;
  }
  const std::string wanted = invocation.Value("--print-policy");
  const auto role = provisioning::ParseRole(wanted);
  if (!role && wanted != "bucket")
    return Fail(ErrorCode::kInvalidArgument, "--print-policy is one of: agent, worker, reader, setup, bucket");
  invocation.console().PrintLine(role ? PolicyOf(*role, wants)
                                      : provisioning::Indented(provisioning::BucketPolicy(wants.bucket)));
  return ExitCode::kOk;
}

}  // namespace

const Command kAwsCommand{
    .name = "aws",
    .summary = "Make the bucket, topic and queues that Seshat needs at AWS.",
    .description =
        "Looks at what is there and changes only what differs; a second time there is nothing to do. What is "
        "stricter already stays as it is, and so do policy statements and lifecycle rules of others. "
        "docs/aws.md has the same by hand.",
    .examples = {{"seshat aws init --bucket my-lab-recordings --dry-run", "what would be made"},
                 {"seshat aws init --bucket my-lab-recordings", "make it, and print what belongs in seshat.toml"},
                 {"seshat aws init --print-policy agent", "what the machines in the lab must be allowed"}},
    .arguments = {{"action", "init.", true, false, "init"}},
    .flags = {{"--bucket", "NAME", "The bucket; that of store.url where it is left out."},
              {"--bus", "NAME", "The topic, and what queues begin with; that of bus.url, or seshat."},
              {"--archive-after", "DAYS", "The age at which data goes to Deep Archive; 365."},
              {"--archive-above", "SIZE",
               "Objects up to this size stay where they can be read at once; where the move pays back in a year."},
              {"--dry-run", "", "Print what would be changed, and change nothing."},
              {"--print-policy", "ROLE",
               "Print what this role must be allowed, as JSON for IAM; or the bucket's own policy.",
               "agent|worker|reader|setup|bucket"}},
    .json = JsonFieldsOf(views::kAwsSetup),
    .run = Run,
};

}  // namespace seshat::cli
