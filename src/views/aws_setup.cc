#include "views/aws_setup.h"

#include <boost/json.hpp>

namespace seshat::views {
namespace {

namespace bj = boost::json;

constexpr Field kAwsStepFields[] = {
    {"resource", FieldType::kText, "what it is about"},
    {"change", FieldType::kText, "for people"},
    {"makes", FieldType::kBoolean, "true where the resource was not there"},
};
constexpr Field kAwsSettingsFields[] = {
    {"store.url", FieldType::kText, "for seshat.toml"},
    {"bus.url", FieldType::kText, "for seshat.toml"},
    {"aws.region", FieldType::kText, "for seshat.toml"},
};
constexpr Field kAwsSetupFields[] = {
    {"dry_run", FieldType::kBoolean, "nothing was changed"},
    {"steps", FieldType::kObjects, "in their order", Presence::kAlways, &kAwsStep},
    {"notes", FieldType::kTexts, "texts: what this store has not got"},
    {"settings", FieldType::kObject, "that lead to what was made", Presence::kAlways, &kAwsSettings},
    {"policies", FieldType::kNamed, "agent, worker, reader: policies for IAM"},
};

}  // namespace

constinit const Table kAwsStep{"AwsStep", kAwsStepFields};
constinit const Table kAwsSettings{"AwsSettings", kAwsSettingsFields};
constinit const Table kAwsSetup{"AwsSetup", kAwsSetupFields};

bj::object JsonOf(const AwsSetup& setup) {
  bj::array steps;
  for (const AwsSetup::Step& step : setup.steps)
    steps.push_back({{"resource", step.resource}, {"change", step.change}, {"makes", step.makes}});
  bj::object policies;
  for (const auto& [role, text] : setup.policies) policies[role] = bj::parse(text);
  return {{"dry_run", setup.dry_run},
          {"steps", std::move(steps)},
          {"notes", bj::value_from(setup.notes)},
          {"settings", {{"store.url", setup.store_url}, {"bus.url", setup.bus_url}, {"aws.region", setup.region}}},
          {"policies", std::move(policies)}};
}

}  // namespace seshat::views
