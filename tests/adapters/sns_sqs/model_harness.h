// The bus on the model of SNS and SQS, as the conformance suite wants it.
#pragma once

#include "adapters/sns_sqs/model_aws.h"
#include "adapters/sns_sqs/sns_sqs_event_bus.h"
#include "conformance/event_bus/event_bus_suite.h"
#include "support/fakes.h"
#include "support/manual_clock.h"

namespace seshat::testing {

inline sns_sqs::SnsSqsOptions ModelOptions(const std::shared_ptr<ModelAws>& aws) {
  return {.names = {ModelAws::kRegion, ModelAws::kAccount, "lab"},
          .sns = http::ParseUrl("http://sns.model").value(),
          .sqs = http::ParseUrl("http://sqs.model").value(),
          .sns_sender = aws,
          .sqs_sender = aws,
          .subscriptions = sns_sqs::SnsSqsOptions::Subscriptions::kMake,
          .drain_wait = std::chrono::seconds(0)};
}

class SnsSqsModelHarness : public conformance::EventBusHarness {
 public:
  SnsSqsModelHarness() {
    aws_->AddTopic("lab");
    bus_ = Another();
  }
  EventBus& bus() override { return *bus_; }
  std::unique_ptr<EventBus> Another() override {
    return sns_sqs::MakeSnsSqsEventBus(ModelOptions(aws_), clock_, random_).value();
  }
  bool Reopen() override {
    bus_ = Another();
    return true;
  }
  void Advance(std::chrono::milliseconds time) override { clock_.Advance(time); }

 private:
  ManualClock clock_;
  SeededRandom random_;
  std::shared_ptr<ModelAws> aws_ = std::make_shared<ModelAws>(clock_);
  std::unique_ptr<EventBus> bus_;
};

}  // namespace seshat::testing
