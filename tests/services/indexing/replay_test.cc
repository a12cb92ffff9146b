#include "services/indexing/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "services/indexing/indexing_lab.h"

namespace seshat::indexing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IndexingLab;

constexpr std::string_view kListener = "listener";

std::vector<Event> Heard(IndexingLab& lab) {
  auto deliveries = lab.bus->Receive(kListener, {.max_events = 1000, .wait = std::chrono::milliseconds{0}}, {});
  EXPECT_TRUE(deliveries);
  std::vector<Event> events;
  for (auto& delivery : deliveries.value_or(std::vector<Delivery>())) events.push_back(std::move(delivery.event));
  return events;
}

class ReplayTest : public ::testing::Test {
 protected:
  ReplayTest() {
    original_ = {lab_.PutSession({.id = "a", .metadata = "x: 1\n"}), lab_.PutReceipt("a", "a.bin", "p"),
                 lab_.PutSession({.id = "b", .revision = 1}),        lab_.PutSession({.id = "b", .revision = 2}),
                 lab_.PutFailure("b", "a.bin", "p", 1, 2),           lab_.PutFailure("b", "a.bin", "p", 2, 2)};
    lab_.Put("uploading/owner.json", "{}");
    lab_.Put("damaged/manifests/000001.json", "{}");
    EXPECT_TRUE(lab_.bus->EnsureSubscription({.name = std::string(kListener)}));
  }
  Result<ReplaySummary> Run(const ReplayOptions& options) {
    return Replay(*lab_.store, *lab_.bus, lab_.clock, lab_.random, options, {}, {});
  }

  IndexingLab lab_;
  std::vector<Event> original_;
};

TEST_F(ReplayTest, AnnouncesTheNewestRevisionOfEverySession) {
  const auto summary = Run({});
  ASSERT_TRUE(summary) << summary.error().ToString();
  EXPECT_EQ(summary->sessions, 2u);
  EXPECT_EQ(summary->events, 2u);
  EXPECT_EQ(summary->unfinished, 1u);
  EXPECT_EQ(summary->failed, 1u);
  EXPECT_THAT(summary->failures, ElementsAre(HasSubstr("damaged: ")));
  const auto heard = Heard(lab_);
  ASSERT_EQ(heard.size(), 2u);
  EXPECT_EQ(heard[0].data, original_[0].data);
  EXPECT_EQ(heard[0].traceparent, original_[0].traceparent);
  EXPECT_EQ(heard[1].data, original_[3].data);
}

TEST_F(ReplayTest, AnnouncesResultsWhereAsked) {
  ASSERT_EQ(Run({.migrated = false, .processed = true})->events, 2u);
  const auto heard = Heard(lab_);
  ASSERT_EQ(heard.size(), 2u);
  EXPECT_EQ(heard[0].data, original_[1].data);
  EXPECT_EQ(heard[1].data, original_[5].data);
}

TEST_F(ReplayTest, FaultAResultsOfAFileWithALongPathAreAnnounced) {
  const std::string path(817, 'x');
  lab_.PutSession({.id = "long", .files = {path}});
  const Event processed = lab_.PutReceipt("long", path, "copy");
  const ReplayOptions options{.session = SessionId::Parse("long").value(), .migrated = false, .processed = true};
  ASSERT_EQ(Run(options)->events, 1u);
  EXPECT_EQ(Heard(lab_).at(0).data, processed.data);
}

TEST_F(ReplayTest, EveryReplayIsNewToTheBus) {
  ASSERT_TRUE(Run({.session = SessionId::Parse("a").value(), .processed = true}));
  ASSERT_TRUE(Run({.session = SessionId::Parse("a").value(), .processed = true}));
  std::set<std::string> ids;
  for (const auto& event : Heard(lab_)) ids.insert(event.id);
  EXPECT_EQ(ids.size(), 4u);
}

TEST_F(ReplayTest, KnowsWhatIsNotThere) {
  EXPECT_EQ(Run({.session = SessionId::Parse("nobody").value()}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(Run({.session = SessionId::Parse("uploading").value()}).error().code, ErrorCode::kNotFound);
}

TEST_F(ReplayTest, FillsAnEmptyIndexThroughEvents) {
  ASSERT_TRUE(Run({}));
  const auto service = lab_.MakeService();
  lab_.Drain(*service);
  const auto replayed = lab_.Documents();
  EXPECT_EQ(replayed.size(), 2u);
  ASSERT_TRUE(service->Reindex({}, {}));
  EXPECT_EQ(lab_.Documents(), replayed);
}

}  // namespace
}  // namespace seshat::indexing
