// Feeds: every request answered once, on the caller's thread, and none harmed by another.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "conformance/blob_store/blob_store_cases.h"
#include "conformance/blob_store/blob_store_probes.h"

namespace seshat::conformance {
namespace {

std::vector<PutRequest> ManyPuts(size_t count) {
  std::vector<PutRequest> requests;
  for (size_t i = 0; i < count; ++i)
    requests.push_back({.key = Key(fmt::format("many/{}/{}", i % 7, i)), .body = SourceFromBytes(Pattern(i % 300, i))});
  return requests;
}

void PutsAThousandInOneFeed(BlobStoreHarness& h) {
  const auto store = h.Open(BlobAccess::kReadWrite);
  ProbePutFeed feed(ManyPuts(1000));
  store->PutAll(feed, {});
  EXPECT_EQ(feed.given(), 1000U);
  EXPECT_TRUE(feed.exact()) << feed.done() << " answers";
  for (size_t i = 0; i < 1000; ++i) {
    const auto* answer = feed.answer(i);
    ASSERT_NE(answer, nullptr) << i;
    ASSERT_EQ(CodeOf(*answer), "ok") << i;
    EXPECT_EQ((*answer)->sha256, Sha256::Of(AsBytes(Pattern(i % 300, i)))) << i;
  }
  EXPECT_EQ(Keys(*store).size(), 1000U);
}

void GetsAThousandInOneFeed(BlobStoreHarness& h) {
  const auto store = h.Open(BlobAccess::kReadWrite);
  ProbePutFeed puts(ManyPuts(1000));
  store->PutAll(puts, {});
  std::vector<GetRequest> requests;
  std::vector<std::shared_ptr<MemorySink>> sinks;
  for (size_t i = 0; i < 1000; ++i) {
    sinks.push_back(std::make_shared<MemorySink>(1000));
    requests.push_back({.key = Key(fmt::format("many/{}/{}", i % 7, i)), .sink = sinks.back()});
  }
  ProbeGetFeed feed(std::move(requests));
  store->GetAll(feed, {});
  EXPECT_EQ(feed.given(), 1000U);
  EXPECT_TRUE(feed.exact()) << feed.done() << " answers";
  for (size_t i = 0; i < 1000; ++i) ASSERT_TRUE(sinks[i]->Take() == Pattern(i % 300, i)) << i;
}

void PutErrorsStayWithTheirRequest(BlobStoreHarness& h) {
  const auto store = h.Open(BlobAccess::kReadWrite);
  ASSERT_EQ(CodeOf(PutBytes(*store, Key("taken"), "first")), "ok");
  const auto changed = std::make_shared<ProbeSource>("abc");
  changed->on_check = [] { return Fail(ErrorCode::kSourceChanged, "changed"); };
  std::vector<PutRequest> requests;
  requests.push_back({.key = Key("good1"), .body = SourceFromBytes("1")});
  requests.push_back({.key = Key("taken"), .body = SourceFromBytes("second")});
  requests.push_back({.key = Key("good2"), .body = SourceFromBytes("2")});
  requests.push_back({.key = Key("changed"), .body = changed});
  requests.push_back({.key = Key("no body")});
  requests.push_back({.key = Key("good3"), .body = SourceFromBytes("3")});
  ProbePutFeed feed(std::move(requests));
  store->PutAll(feed, {});
  EXPECT_TRUE(feed.exact());
  const std::string expected[] = {"ok", "already_exists", "ok", "source_changed", "invalid_argument", "ok"};
  for (size_t i = 0; i < std::size(expected); ++i) {
    const auto* answer = feed.answer(i);
    ASSERT_NE(answer, nullptr) << i;
    EXPECT_EQ(CodeOf(*answer), expected[i]) << i;
  }
  EXPECT_EQ(Keys(*store), (std::vector<std::string>{"good1", "good2", "good3", "taken"}));
  EXPECT_EQ(ReadBack(*store, Key("good1")), "1");
}

// A store may work on both at once, so either may win.
void OneOfTwoInOneFeedWins(BlobStoreHarness& h) {
  const auto store = h.Open(BlobAccess::kReadWrite);
  const std::string bodies[] = {"one", "the other"};
  std::vector<PutRequest> requests;
  for (const auto& body : bodies) requests.push_back({.key = Key("twice"), .body = SourceFromBytes(body)});
  ProbePutFeed feed(std::move(requests));
  feed.one_at_a_time = !h.decides_races();
  store->PutAll(feed, {});
  EXPECT_TRUE(feed.exact());
  ASSERT_NE(feed.answer(0), nullptr);
  ASSERT_NE(feed.answer(1), nullptr);
  const size_t winner = feed.answer(0)->has_value() ? 0 : 1;
  EXPECT_EQ(CodeOf(*feed.answer(winner)), "ok");
  EXPECT_EQ(CodeOf(*feed.answer(1 - winner)), "already_exists");
  EXPECT_EQ(ReadBack(*store, Key("twice")), bodies[winner]);
}

void GetErrorsStayWithTheirRequest(BlobStoreHarness& h) {
  const auto store = h.Open(BlobAccess::kReadWrite);
  ASSERT_EQ(CodeOf(PutBytes(*store, Key("there"), "abc")), "ok");
  const auto sink = [] { return std::make_shared<MemorySink>(10); };
  const auto last = sink();
  std::vector<GetRequest> requests;
  requests.push_back({.key = Key("missing"), .sink = sink()});
  requests.push_back({.key = Key("there"), .offset = 9, .sink = sink()});
  requests.push_back({.key = Key("there")});
  requests.push_back({.key = Key("there"), .sink = last});
  ProbeGetFeed feed(std::move(requests));
  store->GetAll(feed, {});
  EXPECT_TRUE(feed.exact());
  const std::string expected[] = {"not_found", "invalid_argument", "invalid_argument", "ok"};
  for (size_t i = 0; i < std::size(expected); ++i) {
    const auto* answer = feed.answer(i);
    ASSERT_NE(answer, nullptr) << i;
    EXPECT_EQ(CodeOf(*answer), expected[i]) << i;
  }
  EXPECT_EQ(last->Take(), "abc");
}

void AsksAgainAfterEveryAnswer(BlobStoreHarness& h) {
  const auto store = h.Open(BlobAccess::kReadWrite);
  std::vector<PutRequest> puts;
  std::vector<GetRequest> gets;
  for (int i = 0; i < 20; ++i) {
    puts.push_back({.key = Key(std::to_string(i)), .body = SourceFromBytes("x")});
    gets.push_back({.key = Key(std::to_string(i)), .sink = std::make_shared<MemorySink>(10)});
  }
  ProbePutFeed put_feed(std::move(puts));
  put_feed.one_at_a_time = true;
  store->PutAll(put_feed, {});
  EXPECT_EQ(put_feed.done(), 20U);
  ProbeGetFeed get_feed(std::move(gets));
  get_feed.one_at_a_time = true;
  store->GetAll(get_feed, {});
  EXPECT_EQ(get_feed.done(), 20U);
}

void ReturnsFromAnEmptyFeed(BlobStoreHarness& h) {
  const auto store = h.Open(BlobAccess::kReadWrite);
  ProbePutFeed puts({});
  store->PutAll(puts, {});
  EXPECT_GE(puts.asked(), 1U);
  EXPECT_EQ(puts.done(), 0U);
  ProbeGetFeed gets({});
  store->GetAll(gets, {});
  EXPECT_GE(gets.asked(), 1U);
  EXPECT_EQ(gets.done(), 0U);
}

void AStopEndsPuts(BlobStoreHarness& h) {
  const auto store = h.Open(BlobAccess::kReadWrite);
  std::stop_source stop;
  ProbePutFeed feed(ManyPuts(1000));
  feed.one_at_a_time = true;
  feed.on_done = [&] {
    if (feed.done() == 5) stop.request_stop();
  };
  store->PutAll(feed, stop.get_token());
  EXPECT_TRUE(feed.exact());
  EXPECT_LT(feed.given(), 100U) << "goes on asking";
  // In flight when the stop comes.
  std::stop_source second;
  const auto body = std::make_shared<ProbeSource>(Pattern(20 * 1024 * 1024));
  body->on_read = [&](uint64_t) { second.request_stop(); };
  EXPECT_EQ(CodeOf(PutOne(*store, {.key = Key("large"), .body = body}, second.get_token())), "cancelled");
  EXPECT_EQ(ReadBack(*store, Key("large")), "<not_found>");
}

void AStopEndsGets(BlobStoreHarness& h) {
  const auto store = h.Open(BlobAccess::kReadWrite);
  ASSERT_EQ(CodeOf(PutBytes(*store, Key("k"), "x")), "ok");
  std::vector<GetRequest> requests;
  for (int i = 0; i < 1000; ++i) requests.push_back({.key = Key("k"), .sink = std::make_shared<MemorySink>(10)});
  std::stop_source stop;
  ProbeGetFeed feed(std::move(requests));
  feed.one_at_a_time = true;
  feed.on_done = [&] {
    if (feed.done() == 5) stop.request_stop();
  };
  store->GetAll(feed, stop.get_token());
  EXPECT_TRUE(feed.exact());
  EXPECT_LT(feed.given(), 100U) << "goes on asking";
}

void StaysOnTheCallersThread(BlobStoreHarness& h) {
  const auto store = h.Open(BlobAccess::kReadWrite);
  const auto caller = std::this_thread::get_id();
  bool foreign = false;
  const auto body = std::make_shared<ProbeSource>(Pattern(3 * h.part_bytes()));
  body->on_check = [&]() -> Status {
    foreign = foreign || std::this_thread::get_id() != caller;
    return {};
  };
  ProbeJournal journal;
  journal.on_digest = [&] { foreign = foreign || std::this_thread::get_id() != caller; };
  auto requests = ManyPuts(50);
  requests.push_back({.key = Key("large"), .body = body, .journal = &journal});
  ProbePutFeed puts(std::move(requests));
  store->PutAll(puts, {});
  EXPECT_FALSE(puts.foreign());
  EXPECT_FALSE(foreign);
  ProbeGetFeed gets({GetRequest{.key = Key("large"), .sink = std::make_shared<MemorySink>(100'000'000)}});
  store->GetAll(gets, {});
  EXPECT_FALSE(gets.foreign());
}

constexpr BlobStoreCase kCases[] = {
    {"PutsAThousandInOneFeed", PutsAThousandInOneFeed},
    {"GetsAThousandInOneFeed", GetsAThousandInOneFeed},
    {"PutErrorsStayWithTheirRequest", PutErrorsStayWithTheirRequest},
    {"OneOfTwoInOneFeedWins", OneOfTwoInOneFeedWins},
    {"GetErrorsStayWithTheirRequest", GetErrorsStayWithTheirRequest},
    {"AsksAgainAfterEveryAnswer", AsksAgainAfterEveryAnswer},
    {"ReturnsFromAnEmptyFeed", ReturnsFromAnEmptyFeed},
    {"AStopEndsPuts", AStopEndsPuts},
    {"AStopEndsGets", AStopEndsGets},
    {"StaysOnTheCallersThread", StaysOnTheCallersThread},
};

}  // namespace

std::span<const BlobStoreCase> BlobFeedCases() { return kCases; }

}  // namespace seshat::conformance
