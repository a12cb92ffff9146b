// Every SQLite call and every system call of a write failed once, and from there on for ever: afterwards the old
// documents are there or the new ones, whole, and the store works.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "adapters/sqlite_metadata_store/sqlite_metadata_store.h"
#include "core/query/query_parser.h"
#include "support/fault_calls.h"
#include "support/temp_dir.h"

namespace seshat::sqlite_metadata_store {
namespace {

using testing::CallFaults;
using testing::FaultScope;
using testing::SweepFaults;
using testing::TempDir;

SessionDocument Document(const std::string& id, uint64_t round) {
  SessionDocument d;
  d.session_id = id;
  d.version = round;
  d.source = "rig";
  d.started_at = Timestamp{std::chrono::seconds{round}};
  d.metadata = {{"round", metadata::TypeValue(std::to_string(round))},
                {"word", metadata::TypeValue(fmt::format("word{}", round))},
                {"day", metadata::TypeValue("2026-11-23")}};
  return d;
}

uint64_t Total(MetadataStore& store, const std::string& query) {
  SearchRequest request;
  request.query = query::ParseQuery(query).value();
  const auto page = store.Search(request);
  EXPECT_TRUE(page.has_value()) << page.error().ToString();
  return page ? page->total : 0;
}

// The round that both sessions are of, by every way to look.
uint64_t RoundOf(MetadataStore& store) {
  const auto a = store.Get("a");
  const auto b = store.Get("b");
  if (!a || !b) {
    ADD_FAILURE() << "a session is gone: " << (a ? b : a).error().ToString();
    return 0;
  }
  EXPECT_EQ(*a, Document("a", a->version));
  EXPECT_EQ(*b, Document("b", a->version)) << "one of two documents of an upsert";
  EXPECT_EQ(Total(store, ""), 2U);
  EXPECT_EQ(Total(store, fmt::format("round:{}", a->version)), 2U);
  EXPECT_EQ(Total(store, fmt::format("word{}", a->version)), 2U);
  EXPECT_EQ(Total(store, fmt::format("round < {0} or round > {0}", a->version)), 0U) << "values of another document";
  EXPECT_EQ(Total(store, "day:2026-11-23 and _exists_:word"), 2U);
  return a->version;
}

class FaultTest : public ::testing::TestWithParam<CallFaults> {};

// Each Upsert makes old documents dead, and every eighth or so merges segments.
void UpsertWithFaults(const CallFaults& faults, size_t inline_bytes) {
  const TempDir dir;
  const SqliteMetadataStoreOptions options{.path = dir / "metadata.db", .inline_bytes = inline_bytes};
  auto store = MakeSqliteMetadataStore(options).value();
  uint64_t round = 1;
  const SessionDocument first[] = {Document("a", round), Document("b", round)};
  ASSERT_TRUE(store->Upsert(first));
  const uint64_t hit = SweepFaults(faults, [&](const CallFaults& plan) {
    const SessionDocument next[] = {Document("a", round + 1), Document("b", round + 1)};
    uint64_t injected = 0;
    Status status;
    std::string where;
    {
      const FaultScope scope(plan);
      status = store->Upsert(next);
      injected = scope.injected();
      where = scope.first();
    }
    EXPECT_TRUE(injected > 0 || status.has_value());
    const uint64_t now = RoundOf(*store);
    EXPECT_TRUE(now == round || now == round + 1) << plan.at << " " << where;
    EXPECT_TRUE(!status || now == round + 1) << "acknowledged and gone: " << plan.at << " " << where;
    round = now;
    return ::testing::Test::HasFailure() ? 0 : injected;
  });
  EXPECT_GT(hit, 3U);
  store = MakeSqliteMetadataStore(options).value();
  EXPECT_EQ(RoundOf(*store), round);
}

TEST_P(FaultTest, AnUpsertHappensWholeOrNotAtAll) {
  UpsertWithFaults(GetParam(), SqliteMetadataStoreOptions{}.inline_bytes);
}

TEST_P(FaultTest, AnUpsertIntoFilesHappensWholeOrNotAtAll) { UpsertWithFaults(GetParam(), 0); }

TEST_P(FaultTest, ARebuildFinishesOrDoesNot) {
  const TempDir dir;
  const auto store = MakeSqliteMetadataStore({dir / "metadata.db"}).value();
  SweepFaults(GetParam(), [&](const CallFaults& plan) {
    const SessionDocument two[] = {Document("a", 1), Document("b", 1)};
    EXPECT_TRUE(store->Upsert(two));
    uint64_t injected = 0;
    bool finished = false;
    {
      const FaultScope scope(plan);
      const auto token = store->BeginRebuild();
      const bool put = token && store->Upsert(std::span(two).first(1));
      finished = put && store->FinishRebuild(*token);
      injected = scope.injected();
    }
    const uint64_t left = Total(*store, "");
    EXPECT_TRUE(left == 1 || left == 2);
    EXPECT_TRUE(!finished || left == 1U);
    return ::testing::Test::HasFailure() ? 0 : injected;
  });
}

TEST_P(FaultTest, ASearchAnswersRightOrFails) {
  const TempDir dir;
  auto store = MakeSqliteMetadataStore({dir / "metadata.db"}).value();
  const SessionDocument two[] = {Document("a", 1), Document("b", 2)};
  ASSERT_TRUE(store->Upsert(two));
  SearchRequest request;
  request.query = query::ParseQuery("(round > 1 or word1 or wor*) and not round:1").value();
  request.sort = {SortOrder::By::kField, "round", false};
  request.facets = {"round"};
  const uint64_t hit = SweepFaults(GetParam(), [&](const CallFaults& plan) {
    store = MakeSqliteMetadataStore({dir / "metadata.db"}).value();  // so that the reader is opened, too
    uint64_t injected = 0;
    {
      const FaultScope scope(plan);
      const auto page = store->Search(request);
      injected = scope.injected();
      if (page) {
        EXPECT_EQ(page->total, 1U) << plan.at << " " << scope.first();
        EXPECT_EQ(page->hits.size(), 1U);
        EXPECT_EQ(page->facets.at(0).values.size(), 1U);
      }
    }
    EXPECT_EQ(Total(*store, ""), 2U);
    return ::testing::Test::HasFailure() ? 0 : injected;
  });
  EXPECT_GT(hit, 3U);
}

INSTANTIATE_TEST_SUITE_P(
    Calls, FaultTest,
    ::testing::Values(CallFaults{.files = false, .sqlite = true},
                      CallFaults{.for_ever = true, .sqlite_code = 13 /* full */, .files = false, .sqlite = true},
                      CallFaults{.error_number = EIO}, CallFaults{.for_ever = true, .error_number = ENOSPC}),
    [](const auto& param) {
      return std::string(param.param.sqlite ? "Sqlite" : "Files") + (param.param.for_ever ? "ForEver" : "Once");
    });

}  // namespace
}  // namespace seshat::sqlite_metadata_store
