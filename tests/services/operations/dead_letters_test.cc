#include "services/operations/dead_letters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "adapters/memory_event_bus/memory_event_bus.h"
#include "support/fakes.h"

namespace seshat::operations {
namespace {

using ::testing::HasSubstr;

class DeadLettersTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"indexing", "planning"})
      ASSERT_TRUE(bus_->EnsureSubscription({.name = name, .max_attempts = 1}));
  }

  // Every subscription gives it up.
  void Kill(const std::string& id) {
    const Event event{.id = id, .type = "SessionMigratedEvent", .subject = "run-1", .data = "{}"};
    ASSERT_TRUE(bus_->Publish(std::span(&event, 1)));
    for (const std::string& name : both_) {
      const auto got = bus_->Receive(name, {}, {});
      ASSERT_TRUE(got && got->size() == 1);
      ASSERT_TRUE(bus_->Retry(name, got->front().handle, {}, "the disk is full"));
    }
  }

  testing::FakeClock clock_;
  std::unique_ptr<EventBus> bus_ = memory_event_bus::MakeMemoryEventBus(clock_);
  const std::vector<std::string> both_{"indexing", "planning"};
};

TEST_F(DeadLettersTest, AreListedBySubscription) {
  Kill("a");
  Kill("b");
  const auto letters = ListDeadLetters(*bus_, both_);
  ASSERT_TRUE(letters) << letters.error().message;
  ASSERT_EQ(letters->size(), 4U);
  EXPECT_EQ(letters->front().subscription, "indexing");
  EXPECT_EQ(letters->front().letter.event.id, "a");
  EXPECT_EQ(letters->front().letter.reason, "the disk is full");
  EXPECT_EQ(letters->back().subscription, "planning");
  EXPECT_EQ(ListDeadLetters(*bus_, {"planning"})->size(), 2U);
}

TEST_F(DeadLettersTest, AreDeliveredAgainAllOrSome) {
  Kill("a");
  Kill("b");
  const std::string id = ListDeadLetters(*bus_, {"planning"})->front().letter.id;
  EXPECT_EQ(RedriveDeadLetters(*bus_, {"planning"}, {id}).value(), 1U);
  EXPECT_EQ(bus_->Stats("planning")->ready, 1U);
  EXPECT_EQ(RedriveDeadLetters(*bus_, both_, {}).value(), 3U);
  EXPECT_EQ(RedriveDeadLetters(*bus_, both_, {}).value(), 0U);
}

TEST_F(DeadLettersTest, UnknownOnesAreAnErrorBeforeAnythingIsDone) {
  Kill("a");
  const std::string id = ListDeadLetters(*bus_, both_)->front().letter.id;
  const auto redriven = RedriveDeadLetters(*bus_, both_, {id, "no-such"});
  ASSERT_FALSE(redriven);
  EXPECT_EQ(redriven.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(redriven.error().message, HasSubstr("no-such"));
  EXPECT_EQ(ListDeadLetters(*bus_, both_)->size(), 2U);
}

}  // namespace
}  // namespace seshat::operations
