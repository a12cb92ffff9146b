#include <fmt/format.h>

#include <algorithm>

#include "cli/commands/commands.h"
#include "cli/commands/common.h"
#include "composition/config/units.h"
#include "core/base/nearest_name.h"
#include "core/base/utf8.h"
#include "core/records/json_fields.h"
#include "provisioning/aws_setup.h"
#include "provisioning/role_policies.h"
#include "services/indexing/indexing_service.h"
#include "services/processing/processing_service.h"

namespace seshat::cli {
namespace {

using provisioning::Role;

constexpr std::string_view kDefaultBusName = "seshat";
constexpr uint64_t kMostArchiveDays = 36'500;

// The bucket of --bucket or store.url, and the prefix.
Status SetBucket(const Invocation& invocation, const composition::Config& config, provisioning::BucketWants& wants) {
  SESHAT_ASSIGN(const composition::AdapterUrl url, composition::ParseAdapterUrl(config.Text("store.url")));
  if (url.scheme == "s3") {
    const size_t slash = std::min(url.rest.find('/'), url.rest.size());
    wants.bucket = url.rest.substr(0, slash);
    wants.prefix = url.rest.substr(std::min(slash + 1, url.rest.size()));
    while (wants.prefix.ends_with('/')) wants.prefix.pop_back();
  }
  if (invocation.Has("--bucket")) {
    wants.bucket = invocation.Value("--bucket");
    if (wants.bucket.starts_with("s3://")) wants.bucket = wants.bucket.substr(5);
  }
  if (!wants.bucket.empty()) return {};
  return Fail(ErrorCode::kInvalidArgument,
              "which bucket? Say --bucket NAME, or set store.url = \"s3://NAME\"; names are unique in all of AWS");
}

// From bus.url and --bus; the account, where they do not say it, is the one that these credentials belong to.
Result<sns_sqs::BusNames> NamesOf(const Invocation& invocation, const composition::Config& config,
                                  composition::AwsAccess& aws) {
  SESHAT_ASSIGN(const composition::AdapterUrl url, composition::ParseAdapterUrl(config.Text("bus.url")));
  std::string account;
  std::string name(kDefaultBusName);
  if (url.scheme == "sns-sqs") {
    SESHAT_ASSIGN(const sns_sqs::BusNames names, sns_sqs::ParseBusNames(url.rest, aws.region()));
    account = names.account;
    name = names.name;
  }
  if (invocation.Has("--bus")) name = invocation.Value("--bus");
  const bool must_ask = account.empty() || (aws.at_aws("sts") && !invocation.Has("--print-policy"));
  if (must_ask) {
    SESHAT_ASSIGN(const aws::Sts::Identity identity, aws.CallerIdentity({}));
    if (!account.empty() && account != identity.account)
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("bus.url names the account {}, but these credentials ({}) belong to {}: correct one of "
                              "them",
                              account, EscapeForTerminal(identity.arn), EscapeForTerminal(identity.account)));
    account = identity.account;
  }
  return sns_sqs::ParseBusNames(fmt::format("{}/{}", account, name), aws.region());
}

// Every subscription there can be, also those of roles that this machine does not play.
std::vector<SubscriptionSpec> SubscriptionsOf(const composition::Config& config) {
  std::vector<SubscriptionSpec> specs{indexing::IndexingSubscription()};
  const auto processors = composition::ProcessorsOf(config);
  for (SubscriptionSpec& spec : processing::ProcessingSubscriptions(
           processors ? std::span(*processors) : std::span<const processing::ProcessorSpec>()))
    specs.push_back(std::move(spec));
  return specs;
}

Result<provisioning::Wants> WantsOf(const Invocation& invocation, const composition::Config& config,
                                    composition::AwsAccess& aws) {
  provisioning::Wants wants;
  provisioning::BucketWants& bucket = wants.bucket;
  SESHAT_TRY(SetBucket(invocation, config, bucket));
  bucket.region = aws.region();
  bucket.partition = aws::PartitionOf(aws.region()).id;
  bucket.kms = config.Text("store.sse") == "kms";
  bucket.kms_key = config.Text("store.kms_key");
  bucket.policy = aws.at_aws("s3");
  SESHAT_ASSIGN(const uint64_t days, invocation.Number("--archive-after", bucket.archive_after_days));
  if (days < 1 || days > kMostArchiveDays)
    return Fail(ErrorCode::kInvalidArgument, fmt::format("--archive-after is 1 to {} days", kMostArchiveDays));
  bucket.archive_after_days = static_cast<uint32_t>(days);
  bucket.archive_above_bytes = records::ArchiveBorderBytes(PriceTable());
  if (invocation.Has("--archive-above")) {
    SESHAT_ASSIGN(bucket.archive_above_bytes, composition::ParseSize(invocation.Value("--archive-above")));
  }
  SESHAT_ASSIGN(wants.names, NamesOf(invocation, config, aws));
  wants.subscriptions = SubscriptionsOf(config);
  return wants;
}

// Policies name keys by their ARN. What is an alias can only be allowed as "any key of this account".
std::string KeyArn(const provisioning::Wants& wants) {
  const std::string& key = wants.bucket.kms_key;
  if (!wants.bucket.kms || key.empty() || key.starts_with("arn:")) return wants.bucket.kms ? key : "";
  const bool is_alias = key.starts_with("alias/");
  return aws::Arn("kms", wants.names.region, wants.names.account, is_alias ? "key/*" : "key/" + key);
}

std::string PolicyOf(Role role, const provisioning::Wants& wants) {
  provisioning::PolicySubjects subjects{
      .names = wants.names, .bucket = wants.bucket.bucket, .prefix = wants.bucket.prefix, .kms_key = KeyArn(wants)};
  for (const SubscriptionSpec& spec : wants.subscriptions) subjects.subscriptions.push_back(spec.name);
  return provisioning::RolePolicy(role, subjects);
}

struct Settings {
  std::string store;
  std::string bus;
  std::string region;
};

Settings SettingsOf(const provisioning::Wants& wants) {
  const std::string& prefix = wants.bucket.prefix;
  return {fmt::format("s3://{}{}{}", wants.bucket.bucket, prefix.empty() ? "" : "/", prefix),
          fmt::format("sns-sqs://{}/{}", wants.names.account, wants.names.name), wants.names.region};
}

void PrintResult(Invocation& invocation, const provisioning::Wants& wants, const provisioning::Plan& plan) {
  Console& console = invocation.console();
  const Settings settings = SettingsOf(wants);
  const bool dry = invocation.Has("--dry-run");
  if (invocation.json()) {
    boost::json::array steps;
    for (const auto& step : plan.steps)
      steps.push_back({{"resource", step.resource}, {"change", step.change}, {"makes", step.makes}});
    boost::json::object policies;
    for (const std::string_view role : {"agent", "worker", "reader"})
      policies[role] = boost::json::parse(PolicyOf(*provisioning::ParseRole(role), wants));
    return PrintJson(
        console,
        boost::json::object{
            {"dry_run", dry},
            {"steps", std::move(steps)},
            {"notes", boost::json::value_from(plan.notes)},
            {"settings", {{"store.url", settings.store}, {"bus.url", settings.bus}, {"aws.region", settings.region}}},
            {"policies", std::move(policies)}});
  }
  if (plan.steps.empty()) {
    console.PrintLine("Everything is as it should be: nothing was changed.");
  } else if (dry) {
    console.PrintLine(fmt::format("{} changes would be made; nothing was changed.", plan.steps.size()));
  } else {
    console.PrintLine(fmt::format("{} changes were made.", plan.steps.size()));
  }
  for (const std::string& note : plan.notes) console.Note(EscapeForTerminal(note));
  console.PrintLine(
      fmt::format("\nFor seshat.toml:\n\n[store]\nurl = \"{}\"\n\n[bus]\nurl = \"{}\"\n\n[aws]\nregion = "
                  "\"{}\"\n\nWhat each role must be allowed: seshat aws init --print-policy agent|worker|reader",
                  settings.store, settings.bus, settings.region));
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
  PrintResult(invocation, wants, plan);
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
        "stricter already stays as it is, and so do policy statements and lifecycle rules of others. docs/aws.md "
        "has the same by hand.",
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
    .json = {{"dry_run", "boolean", "nothing was changed"},
             {"steps", "array", "resource, change, makes (true where the resource was not there)"},
             {"notes", "array", "texts: what this store has not got"},
             {"settings", "object", "store.url, bus.url and aws.region for seshat.toml"},
             {"policies", "object", "agent, worker, reader: policies for IAM"}},
    .run = Run,
};

}  // namespace seshat::cli
