#include "services/indexing/indexing_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>

#include "services/indexing/indexing_lab.h"

namespace seshat::indexing {
namespace {

using testing::FaultOptions;
using testing::FaultPlan;
using testing::FaultWhen;
using ::testing::HasSubstr;
using testing::IndexingLab;
using ::testing::IsEmpty;

SessionId Id(const char* id) { return SessionId::Parse(id).value(); }

// What the blob store alone says.
std::map<std::string, SessionDocument> Truth(IndexingLab& lab) {
  IndexingLab other;
  IndexingPorts ports = other.ports();
  const auto service = MakeIndexingService(
      {*lab.store, ports.bus, ports.index, ports.clock, ports.random, ports.logger, ports.metrics, ports.tracer});
  EXPECT_TRUE(service->Reindex({}, {}));
  return other.Documents();
}

TEST(Indexing, MakesASessionSearchableAndSaysSo) {
  IndexingLab lab;
  const auto service = lab.MakeService();
  lab.Publish({lab.PutSession({.id = "s", .metadata = "sys_name: PX4\n"})});
  EXPECT_EQ(service->IndexOnce({}), 1u);
  const SearchRequest px4{.query = {Compare{"sys_name", CompareOp::kEqual, metadata::TypeValue("px4")}}};
  EXPECT_EQ(lab.index->Search(px4)->total, 1u);
  const auto announced = lab.Announced();
  ASSERT_EQ(announced.size(), 1u);
  EXPECT_EQ(announced[0].subject, "s");
  EXPECT_THAT(announced[0].traceparent, HasSubstr("0af7651916cd43dd8448eb211c80319c"));
  EXPECT_EQ(SessionIndexed::FromData(announced[0].data)->revision, 1u);
  EXPECT_EQ(lab.Stats().ready + lab.Stats().in_flight, 0u);

  lab.Publish({lab.PutReceipt("s", "a.bin", "stats")});
  lab.Drain(*service);
  EXPECT_EQ(lab.Documents().at("s").files.at(0).results.size(), 1u);
  const auto again = lab.Announced();
  ASSERT_EQ(again.size(), 1u);
  EXPECT_NE(again[0].id, announced[0].id);
  EXPECT_EQ(lab.metrics.Sum("seshat_indexed_sessions_total"), 2);
}

TEST(Indexing, BuildsASessionOnceForAllEventsOfABatch) {
  IndexingLab lab;
  std::vector<Event> events{lab.PutSession({.id = "s", .files = {"a", "b", "c"}})};
  for (const char* file : {"a", "b", "c"}) events.push_back(lab.PutReceipt("s", file, "stats"));
  lab.Publish(events);
  const auto service = lab.MakeService();
  EXPECT_EQ(service->IndexOnce({}), 4u);
  EXPECT_EQ(lab.metrics.Sum("seshat_indexed_sessions_total"), 1);
  EXPECT_EQ(lab.Documents(), Truth(lab));
}

TEST(Indexing, IndexSessionNeedsNoEvent) {
  IndexingLab lab;
  lab.PutSession({.id = "s"});
  const auto service = lab.MakeService();
  const auto document = service->IndexSession(Id("s"), {});
  ASSERT_TRUE(document);
  EXPECT_EQ(lab.Documents().at("s"), *document);
  EXPECT_EQ(service->IndexSession(Id("other"), {}).error().code, ErrorCode::kNotFound);
}

// Facts in the order in which they happen; events of them in any order, some twice: the index is what the blob
// store says.
RC_GTEST_PROP(IndexingProperty, TheIndexIsAFunctionOfTheBlobStore, ()) {
  IndexingLab lab;
  const auto service = lab.MakeService();
  std::vector<Event> events;
  std::map<std::string, uint32_t> revisions;
  std::set<std::string> records;
  const auto steps = *rc::gen::inRange(1, 15);
  for (int i = 0; i < steps; ++i) {
    const auto id = *rc::gen::element<std::string>("s1", "s2", "s3");
    const auto revision = revisions[id];
    const auto processor = *rc::gen::element<std::string>("p", "q");
    switch (revision == 0 ? 0 : *rc::gen::inRange(0, 4)) {
      case 0:
        events.push_back(lab.PutSession({.id = id,
                                         .metadata = *rc::gen::element<std::optional<std::string>>(
                                             std::nullopt, "a: 1\n", "b: x\n\xFF: 2\n", "{\"a\": {\"b\": [1, 2]}}"),
                                         .revision = ++revisions[id]}));
        break;
      case 1:
        if (records.insert(id + processor + std::to_string(revision)).second)
          events.push_back(lab.PutReceipt(id, "a.bin", processor, revision));
        break;
      case 2: {
        const auto number = *rc::gen::inRange<uint32_t>(1, 4);
        if (records.insert(id + processor + std::to_string(revision) + "f" + std::to_string(number)).second)
          events.push_back(lab.PutFailure(id, "a.bin", processor, number, revision));
        break;
      }
      default:
        break;
    }
    if (*rc::gen::inRange(0, 3) == 0 && !events.empty()) {
      auto some = events;
      some.push_back(*rc::gen::elementOf(events));
      const auto cut = *rc::gen::inRange<size_t>(0, some.size());
      std::ranges::rotate(some, some.begin() + static_cast<std::ptrdiff_t>(cut));
      lab.Publish(some);
      (void)service->IndexOnce({});
    }
  }
  auto all = events;
  std::ranges::reverse(all);
  lab.Publish(all);
  lab.Drain(*service);
  const auto live = lab.Documents();
  RC_ASSERT(live.size() == revisions.size());
  RC_ASSERT(live == Truth(lab));

  lab.LoseIndex();
  const auto rebuilt = lab.MakeService()->Reindex({}, {});
  RC_ASSERT(rebuilt.has_value());
  RC_ASSERT(lab.Documents() == live);
}

TEST(Indexing, ACrashBetweenStoringAndAcknowledgingChangesNothing) {
  IndexingLab lab;
  lab.Publish({lab.PutSession({.id = "s", .metadata = "a: 1\n"})});
  // 1 receive, 2 list manifests, 3 manifest, 4 metadata, 5 list records, 6 upsert, 7 publish, 8 acknowledge
  FaultPlan plan({.fail_at = 8});
  const auto ports = lab.faulty_ports(plan);
  EXPECT_TRUE(MakeIndexingService(ports)->IndexOnce({}));
  ASSERT_TRUE(plan.fired());
  const auto first = lab.Documents();
  EXPECT_EQ(first.size(), 1u);
  EXPECT_EQ(lab.Stats().in_flight, 1u);
  lab.Drain(*lab.MakeService());
  EXPECT_EQ(lab.Documents(), first);
  const auto announced = lab.Announced();
  ASSERT_EQ(announced.size(), 2u);
  EXPECT_EQ(announced[0].id, announced[1].id);
}

TEST(Indexing, WaitsForAManifestThatIsNotThereYet) {
  IndexingLab lab;
  IndexingLab elsewhere;
  const auto early = elsewhere.PutSession({.id = "s"});
  lab.Publish({early});
  const auto service = lab.MakeService();
  EXPECT_EQ(service->IndexOnce({}), 1u);
  EXPECT_THAT(lab.Documents(), IsEmpty());
  EXPECT_EQ(lab.Stats().ready, 1u);
  lab.PutSession({.id = "s"});
  lab.Drain(*service);
  EXPECT_EQ(lab.Documents().size(), 1u);
  EXPECT_EQ(lab.Stats().dead, 0u);
}

// Away for a time, as its clock has it; counts what is asked of it.
class AwayIndex : public testing::PickyIndex {
 public:
  AwayIndex(MetadataStore& inner, Clock& clock, std::chrono::hours until, ErrorCode how)
      : PickyIndex(inner), clock_(clock), until_(clock.Now() + until), how_(how) {}
  Status Upsert(std::span<const SessionDocument> documents) override {
    ++upserts;
    if (clock_.Now() < until_) return Fail(how_, "the index is away");
    return PickyIndex::Upsert(documents);
  }
  Result<IndexStatus> GetStatus() override {
    if (clock_.Now() < until_ && !tells_its_state) return Fail(how_, "the index is away");
    return PickyIndex::GetStatus();
  }

  int upserts = 0;
  bool tells_its_state = false;

 private:
  Clock& clock_;
  Timestamp until_;
  ErrorCode how_;
};

TEST(Indexing, AnOutageOfHoursCostsNoAttemptAndLosesNothing) {
  for (const auto how : {ErrorCode::kUnavailable, ErrorCode::kDeadlineExceeded}) {
    IndexingLab lab;
    AwayIndex index(*lab.index, lab.clock, std::chrono::hours{8}, how);
    lab.Publish({lab.PutSession({.id = "s1"}), lab.PutSession({.id = "s2"})});
    auto ports = lab.ports();
    const auto service = MakeIndexingService(
        {ports.store, ports.bus, index, ports.clock, ports.random, ports.logger, ports.metrics, ports.tracer});
    const auto begin = lab.clock.Now();
    EXPECT_EQ(service->IndexOnce({}), 2u);
    EXPECT_GE(lab.clock.Now() - begin, std::chrono::hours{8});
    EXPECT_LT(lab.clock.Now() - begin, std::chrono::hours{8} + std::chrono::minutes{1});  // back at once
    EXPECT_EQ(lab.Documents().size(), 2u);
    EXPECT_GT(index.upserts, 8 * 60 * 3);  // asked again at least every 20 s
    // The leases were kept: nobody else got the events meanwhile, and none comes again.
    EXPECT_EQ(lab.Stats().ready + lab.Stats().in_flight + lab.Stats().dead, 0u);
    EXPECT_EQ(lab.metrics.Sum("seshat_indexing_failures_total"), 0);
    EXPECT_TRUE(lab.logger.Holds("the metadata store is away: indexing waits for it"));
  }
}

TEST(Indexing, OutagesOfDaysAreSurvivedByWhatHasNotBeenReceived) {
  IndexingLab lab;
  AwayIndex index(*lab.index, lab.clock, std::chrono::hours{24 * 5}, ErrorCode::kUnavailable);
  std::vector<Event> events;
  for (int i = 0; i < 5; ++i) events.push_back(lab.PutSession({.id = "s" + std::to_string(i)}));
  lab.Publish(events);
  auto ports = lab.ports();
  const auto service = MakeIndexingService(
      {ports.store, ports.bus, index, ports.clock, ports.random, ports.logger, ports.metrics, ports.tracer},
      {.batch_events = 1});
  lab.Drain(*service);
  EXPECT_EQ(lab.Documents().size(), 5u);
  EXPECT_EQ(lab.Stats().dead, 0u);
}

// The document's fault, perhaps: it must not stop the others.
TEST(Indexing, OneSlowAnswerOfAStoreThatIsThereIsNoOutage) {
  IndexingLab lab;
  AwayIndex index(*lab.index, lab.clock, std::chrono::hours{1}, ErrorCode::kDeadlineExceeded);
  index.tells_its_state = true;
  lab.Publish({lab.PutSession({.id = "s"})});
  auto ports = lab.ports();
  const auto service = MakeIndexingService(
      {ports.store, ports.bus, index, ports.clock, ports.random, ports.logger, ports.metrics, ports.tracer});
  EXPECT_EQ(service->IndexOnce({}), 1u);
  EXPECT_EQ(index.upserts, 1);
  EXPECT_EQ(lab.Stats().ready, 1u);
}

TEST(Indexing, StoppingDuringAnOutageGivesTheEventsBack) {
  IndexingLab lab;
  std::stop_source stop;
  class Stopping : public testing::PickyIndex {
   public:
    Stopping(MetadataStore& inner, std::stop_source& source) : PickyIndex(inner), source_(source) {}
    Status Upsert(std::span<const SessionDocument>) override {
      if (++upserts_ == 3) source_.request_stop();
      return Fail(ErrorCode::kUnavailable, "the index is away");
    }

   private:
    std::stop_source& source_;
    int upserts_ = 0;
  } index(*lab.index, stop);
  lab.Publish({lab.PutSession({.id = "s"})});
  auto ports = lab.ports();
  const auto service = MakeIndexingService(
      {ports.store, ports.bus, index, ports.clock, ports.random, ports.logger, ports.metrics, ports.tracer});
  EXPECT_EQ(service->IndexOnce(stop.get_token()), 1u);
  EXPECT_EQ(lab.Stats().ready, 1u);
  EXPECT_EQ(lab.metrics.Sum("seshat_indexing_failures_total"), 0);
}

TEST(Indexing, PoisonBecomesADeadLetterAndStopsNobody) {
  IndexingLab lab;
  auto good = lab.PutSession({.id = "s"});
  auto torn = good;
  torn.id = "torn";
  torn.data = R"({"session_id": "s"})";
  auto hostile = good;
  hostile.id = "hostile";
  hostile.data = SessionMigrated{"../../etc", 1, "k", {}, "rig"}.ToData();
  lab.Publish({torn, good, hostile});
  const auto service = lab.MakeService();
  const auto before = lab.clock.Now();
  for (uint32_t i = 0; i < IndexingSubscription().max_attempts; ++i) ASSERT_TRUE(service->IndexOnce({}));
  EXPECT_LT(lab.clock.Now() - before, std::chrono::minutes{5});
  EXPECT_EQ(lab.Documents().size(), 1u);
  const auto dead = lab.bus->DeadLetters(kIndexingSubscription, "", 10);
  ASSERT_EQ(dead->letters.size(), 2u);
  EXPECT_EQ(lab.Stats().ready + lab.Stats().in_flight, 0u);
  std::string reasons;
  for (const auto& letter : dead->letters) reasons += letter.reason + "\n";
  EXPECT_THAT(reasons, HasSubstr("revision"));
  EXPECT_THAT(reasons, HasSubstr("cannot be a session id"));
}

TEST(Indexing, AManifestWithAnotherDigestIsVisibleDataLoss) {
  IndexingLab lab;
  auto event = lab.PutSession({.id = "s"});
  auto data = SessionMigrated::FromData(event.data).value();
  data.manifest_sha256 = Sha256::Of(AsBytes("another"));
  event.data = data.ToData();
  lab.Publish({event});
  lab.Drain(*lab.MakeService());
  EXPECT_THAT(lab.Documents(), IsEmpty());
  const auto dead = lab.bus->DeadLetters(kIndexingSubscription, "", 10);
  ASSERT_EQ(dead->letters.size(), 1u);
  EXPECT_THAT(dead->letters[0].reason, HasSubstr("data_loss"));
  EXPECT_TRUE(lab.logger.Holds("their events are dead letters") || lab.logger.Holds("its events are dead letters"));
}

TEST(Indexing, ADocumentThatTheIndexRefusesStopsNoOther) {
  IndexingLab lab;
  lab.Publish({lab.PutSession({.id = "a"}), lab.PutSession({.id = "bad"}), lab.PutSession({.id = "c"})});
  testing::PickyIndex picky(*lab.index);
  const auto service =
      MakeIndexingService({*lab.store, *lab.bus, picky, lab.clock, lab.random, lab.logger, lab.metrics, lab.tracer});
  lab.Drain(*service);
  EXPECT_EQ(lab.Documents().size(), 2u);
  EXPECT_EQ(lab.Stats().dead, 1u);
}

// Every read takes 15 seconds, and somebody else looks for work meanwhile.
class SlowStore : public testing::FaultyBlobStore {
 public:
  SlowStore(IndexingLab& lab, FaultPlan& plan) : FaultyBlobStore(*lab.store, plan), lab_(lab) {}
  void GetAll(GetFeed& feed, std::stop_token stop) override {
    lab_.clock.Advance(std::chrono::seconds{15});
    const auto stolen = lab_.bus->Receive(kIndexingSubscription, {.wait = std::chrono::milliseconds{0}}, {});
    stolen_ += stolen ? stolen->size() : 0;
    FaultyBlobStore::GetAll(feed, std::move(stop));
  }
  size_t stolen() const { return stolen_; }

 private:
  IndexingLab& lab_;
  size_t stolen_ = 0;
};

TEST(Indexing, KeepsItsLeasesWhileAMetadataFileIsLong) {
  IndexingLab lab;
  lab.Publish({lab.PutSession({.id = "s", .metadata = std::string(200, '\n')}), lab.PutSession({.id = "t"})});
  FaultPlan none;
  SlowStore slow(lab, none);
  const auto service =
      MakeIndexingService({slow, *lab.bus, *lab.index, lab.clock, lab.random, lab.logger, lab.metrics, lab.tracer},
                          {.document = {.metadata_piece_bytes = 10}});
  EXPECT_EQ(service->IndexOnce({}), 2u);
  EXPECT_EQ(slow.stolen(), 0u);
  EXPECT_EQ(lab.Documents().size(), 2u);
}

TEST(Indexing, GivesEventsBackWhenItIsStopped) {
  IndexingLab lab;
  lab.Publish({lab.PutSession({.id = "s"})});
  std::stop_source stop;
  // Stops when the batch has been received.
  class StoppingBus : public testing::FaultyEventBus {
   public:
    StoppingBus(EventBus& inner, FaultPlan& plan, std::stop_source& source)
        : FaultyEventBus(inner, plan), source_(source) {}
    Result<std::vector<Delivery>> Receive(std::string_view name, const ReceiveOptions& options,
                                          std::stop_token token) override {
      auto deliveries = FaultyEventBus::Receive(name, options, std::move(token));
      source_.request_stop();
      return deliveries;
    }

   private:
    std::stop_source& source_;
  };
  FaultPlan none;
  StoppingBus bus(*lab.bus, none, stop);
  const auto service =
      MakeIndexingService({*lab.store, bus, *lab.index, lab.clock, lab.random, lab.logger, lab.metrics, lab.tracer});
  service->Run(stop.get_token());
  EXPECT_THAT(lab.Documents(), IsEmpty());
  EXPECT_EQ(lab.Stats().in_flight, 0u);
  EXPECT_EQ(lab.Stats().ready, 1u);
  lab.Drain(*lab.MakeService());
  EXPECT_EQ(lab.Documents().size(), 1u);
}

TEST(Indexing, RunWorksUntilItIsStopped) {
  IndexingLab lab;
  FaultPlan plan({.fail_at = 1});  // the first receive fails: Run goes on
  const auto service = MakeIndexingService(lab.faulty_ports(plan));
  lab.Publish({lab.PutSession({.id = "s"})});
  std::jthread runner([&](const std::stop_token& stop) { service->Run(stop); });
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  while (!lab.index->Get("s") && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  runner.request_stop();
  runner.join();
  EXPECT_EQ(lab.Documents().size(), 1u);
  EXPECT_TRUE(lab.logger.Holds("the event bus cannot be read now"));
}

// Every call of every port fails once, before or after it took effect, or everything fails from there on until
// the fault is repaired: in the end the index is what the blob store says, and no event is lost or dead.
TEST(IndexingFaults, NoFaultAtAnyCallLosesAnything) {
  for (const bool for_ever : {false, true}) {
    for (const auto when : {FaultWhen::kBefore, FaultWhen::kAfter}) {
      uint64_t n = 1;
      for (;; ++n) {
        SCOPED_TRACE(::testing::Message() << "call " << n << (for_ever ? " for ever" : " once")
                                          << (when == FaultWhen::kAfter ? ", after" : ", before"));
        IndexingLab lab;
        std::vector<Event> events{lab.PutSession({.id = "a", .metadata = "x: 1\n"}), lab.PutSession({.id = "b"})};
        events.push_back(lab.PutReceipt("a", "a.bin", "p"));
        events.push_back(lab.PutFailure("b", "a.bin", "p", 1));
        lab.Publish(events);
        FaultPlan plan({.fail_at = n, .for_ever = for_ever, .when = when});
        const auto service = MakeIndexingService(lab.faulty_ports(plan));
        for (int i = 0; i < 3; ++i) (void)service->IndexOnce({});
        plan.Repair();
        lab.Drain(*service);
        ASSERT_EQ(lab.Documents(), Truth(lab));
        ASSERT_EQ(lab.Stats().dead, 0u);
        std::set<std::string> announced;
        for (const auto& event : lab.Announced()) announced.insert(event.subject);
        ASSERT_EQ(announced, (std::set<std::string>{"a", "b"}));
        if (!plan.fired()) break;
      }
      EXPECT_GT(n, 10u);
    }
  }
}

}  // namespace
}  // namespace seshat::indexing
