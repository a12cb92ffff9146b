// The suite on moto, and the few cases in which moto is not like SQS. model_aws.h is, and passes them all.
#include <atomic>

#include "adapters/sns_sqs/moto_with_clock.h"
#include "adapters/sns_sqs/sns_sqs_event_bus.h"
#include "conformance/event_bus/event_bus_suite.h"
#include "support/engines.h"

namespace seshat::testing {
namespace {

const std::vector<conformance::Deviation> kMotoIsWrong = {
    {"AcknowledgeOfAnOldDeliveryIsIgnored", "moto removes a message by the receipt of any delivery it ever had"},
    {"RetryOfAnEndedLeaseIsIgnored", "moto hides a message by a receipt whose lease has ended"},
    {"ExtendAfterTheEndIsNotFound", "moto extends a lease that has ended"},
};

class MotoBusHarness : public conformance::EventBusHarness {
 public:
  explicit MotoBusHarness(MotoWithClock& moto) : moto_(moto), name_("t" + std::to_string(++last_number)) {
    bus_ = Another();
    // The topic, as `seshat aws init` leaves it: SNS drops what nobody subscribes to.
    EXPECT_TRUE(bus_->EnsureSubscription({.name = "nobody", .types = {"nothing"}}));
  }
  EventBus& bus() override { return *bus_; }
  std::unique_ptr<EventBus> Another() override {
    sns_sqs::SnsSqsOptions options{.names = {MotoWithClock::kRegion, MotoWithClock::kAccount, name_},
                                   .sns = moto_.url(),
                                   .sqs = moto_.url(),
                                   .sns_sender = moto_.MakeSender("sns"),
                                   .sqs_sender = moto_.MakeSender("sqs"),
                                   .subscriptions = sns_sqs::SnsSqsOptions::Subscriptions::kMake,
                                   .drain_wait = std::chrono::seconds(0)};
    return sns_sqs::MakeSnsSqsEventBus(std::move(options), moto_.clock(), moto_.random()).value();
  }
  bool Reopen() override {
    bus_ = Another();
    return true;
  }
  void Advance(std::chrono::milliseconds time) override { moto_.Advance(time); }
  int patience() const override { return 2; }

 private:
  static inline std::atomic<int> last_number = 0;
  MotoWithClock& moto_;
  std::string name_;
  std::unique_ptr<EventBus> bus_;
};

}  // namespace
}  // namespace seshat::testing

int main(int argc, char** argv) {
  using namespace seshat::testing;
  ::testing::InitGoogleTest(&argc, argv);
  if (!EngineUrl("SESHAT_ENGINE_MOTO", "EventBus/sns_sqs")) return 0;
  MotoWithClock moto(EngineVariable("SESHAT_ENGINE_PYTHON"));
  seshat::conformance::RegisterEventBusSuite(
      "sns_sqs", [&] { return std::make_unique<MotoBusHarness>(moto); }, kMotoIsWrong);
  return RUN_ALL_TESTS();
}
