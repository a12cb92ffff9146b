#include <atomic>
#include <thread>
#include <vector>

#include "conformance/metadata_store/metadata_store_cases.h"

namespace seshat::conformance {
namespace {

SessionDocument Full() {
  auto d = Session("s1", {{"rig", "a"}, {"temp", "25 °C"}, {"temp", "n/a"}, {"when", "2026-11-23T05:50:00Z"}}, 7);
  d.metadata_problems = {"line 3: no ':' or '='"};
  d.bytes = 123;
  d.file_count = 1;
  d.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  FileDocument file{"raw/a%00.bin", "s1/raw/a.bin", 123, Sha256::Of(AsBytes("x")), {}};
  file.results.push_back({"statistics", "1", "succeeded", "k", "", {{"statistics.csv", "o", 5}}});
  d.files.push_back(file);
  return d;
}

void GetAnswersTheWholeDocument(MetadataStoreHarness& h) {
  if (!Put(h.store(), {Full()})) return;
  const auto got = h.store().Get("s1");
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ(*got, Full());
  const auto page = h.store().Search({});
  ASSERT_TRUE(page.has_value());
  ASSERT_EQ(page->hits.size(), 1U);
  EXPECT_EQ(page->hits[0].document, Full());
}

void AnUnknownSessionIsNotFound(MetadataStoreHarness& h) {
  if (!Put(h.store(), {Session("s1", {})})) return;
  for (const char* id : {"s2", "S1", "s", ""}) {
    const auto got = h.store().Get(id);
    ASSERT_FALSE(got.has_value()) << id;
    EXPECT_EQ(got.error().code, ErrorCode::kNotFound);
  }
}

void ANewerVersionReplacesTheOlder(MetadataStoreHarness& h) {
  if (!Put(h.store(), {Session("s1", {{"rig", "old"}, {"gone", "5"}}, 9)})) return;
  const auto newer = Newer(Session("s1", {{"rig", "new"}, {"n", "7"}}, 3));
  if (!Put(h.store(), {newer})) return;
  EXPECT_EQ(h.store().Get("s1"), newer);
  EXPECT_EQ(Found(h.store(), "rig = new n:7"), "s1");
}

void OldValuesAreGone(MetadataStoreHarness& h) {
  if (!Put(h.store(), {Session("s1", {{"rig", "old"}, {"n", "5"}, {"day", "2020-01-01"}})})) return;
  if (!Put(h.store(), {Newer(Session("s1", {{"rig", "new"}}))})) return;
  EXPECT_EQ(Found(h.store(), "rig = old or n:5 or _exists_:n or day < 2021-01-01 or old"), "");
  const auto fields = h.store().Fields({});
  ASSERT_TRUE(fields.has_value());
  ASSERT_EQ(fields->size(), 1U);
  EXPECT_EQ((*fields)[0].name, "rig");
  const auto existing = h.store().Fields({.names = {"day", "n", "rig"}, .existence_only = true});
  ASSERT_TRUE(existing.has_value());
  ASSERT_EQ(existing->size(), 1U);
  EXPECT_EQ((*existing)[0].name, "rig");
}

void AnOlderVersionChangesNothing(MetadataStoreHarness& h) {
  const auto newer = Newer(Session("s1", {{"rig", "new"}}));
  if (!Put(h.store(), {newer}) || !Put(h.store(), {Session("s1", {{"rig", "old"}})})) return;
  EXPECT_EQ(h.store().Get("s1"), newer);
  EXPECT_EQ(Found(h.store(), "rig = old"), "");
}

void AnEqualVersionIsIgnored(MetadataStoreHarness& h) {
  if (!Put(h.store(), {Session("s1", {{"rig", "first"}})})) return;
  if (!Put(h.store(), {Session("s1", {{"rig", "second"}})})) return;
  EXPECT_EQ(Found(h.store(), "rig = first"), "s1");
}

void DuplicatesAndAnyOrderEndAlike(MetadataStoreHarness& h) {
  const auto a1 = Session("a", {{"n", "1"}});
  const auto a2 = Newer(Session("a", {{"n", "2"}}));
  const auto a3 = Newer(Newer(Session("a", {{"n", "3"}})));
  const auto b1 = Session("b", {{"n", "1"}});
  if (!Put(h.store(), {a2, b1, a1, a3, a2, a3}) || !Put(h.store(), {a1, b1, b1})) return;
  EXPECT_EQ(Found(h.store(), "n:3"), "a");
  EXPECT_EQ(Found(h.store(), "n:1"), "b");
  EXPECT_EQ(Found(h.store(), "n:2"), "");
  EXPECT_EQ(Found(h.store(), ""), "a b");
}

void NothingMayBeUpserted(MetadataStoreHarness& h) {
  EXPECT_TRUE(h.store().Upsert({}).has_value());
  EXPECT_EQ(Found(h.store(), ""), "");
}

void RestartKeepsEverything(MetadataStoreHarness& h) {
  if (!Put(h.store(), {Full(), Session("s2", {{"rig", "b"}})})) return;
  const auto token = h.store().BeginRebuild();
  ASSERT_TRUE(token.has_value());
  if (!Put(h.store(), {Full()})) return;
  if (!h.Restart()) GTEST_SKIP() << "a store in memory does not outlive its process";
  EXPECT_EQ(h.store().Get("s1"), Full());
  EXPECT_EQ(Found(h.store(), "rig = b or temp:25"), "s1 s2");
  EXPECT_TRUE(h.store().FinishRebuild(*token).has_value());
  EXPECT_EQ(Found(h.store(), ""), "s1");
}

void ARebuildRemovesWhatWasNotUpserted(MetadataStoreHarness& h) {
  if (!Put(h.store(), {Session("a", {{"n", "1"}}), Session("b", {{"n", "1"}})})) return;
  const auto token = h.store().BeginRebuild();
  ASSERT_TRUE(token.has_value());
  if (!Put(h.store(), {Session("a", {{"n", "1"}}), Session("c", {{"n", "1"}})})) return;
  ASSERT_TRUE(h.store().FinishRebuild(*token).has_value());
  EXPECT_EQ(Found(h.store(), "n:1"), "a c");
  EXPECT_FALSE(h.store().Get("b").has_value());
}

void ARebuildReplacesEqualVersions(MetadataStoreHarness& h) {
  if (!Put(h.store(), {Session("a", {{"n", "1"}})})) return;
  const auto token = h.store().BeginRebuild();
  ASSERT_TRUE(token.has_value());
  if (!Put(h.store(), {Session("a", {{"n", "2"}})})) return;
  ASSERT_TRUE(h.store().FinishRebuild(*token).has_value());
  EXPECT_EQ(Found(h.store(), "n:2"), "a");
  if (!Put(h.store(), {Session("a", {{"n", "3"}})})) return;
  EXPECT_EQ(Found(h.store(), "n:2"), "a");  // it is over
}

void ARebuildNeverGoesBack(MetadataStoreHarness& h) {
  if (!Put(h.store(), {Newer(Session("a", {{"n", "2"}}))})) return;
  const auto token = h.store().BeginRebuild();
  ASSERT_TRUE(token.has_value());
  if (!Put(h.store(), {Session("a", {{"n", "1"}})})) return;
  EXPECT_EQ(Found(h.store(), "n:2"), "a");
  ASSERT_TRUE(h.store().FinishRebuild(*token).has_value());
  EXPECT_EQ(Found(h.store(), "n:2"), "a");  // upserted, if in vain
}

void OnlyTheNewestRebuildCanFinish(MetadataStoreHarness& h) {
  if (!Put(h.store(), {Session("a", {})})) return;
  const auto first = h.store().BeginRebuild();
  const auto second = h.store().BeginRebuild();
  ASSERT_TRUE(first.has_value() && second.has_value());
  if (!Put(h.store(), {Session("a", {})})) return;
  for (const std::string& token : {*first, std::string(), std::string("nonsense")}) {
    const auto status = h.store().FinishRebuild(token);
    ASSERT_FALSE(status.has_value()) << token;
    EXPECT_EQ(status.error().code, ErrorCode::kNotFound);
  }
  EXPECT_EQ(Found(h.store(), ""), "a");
  EXPECT_TRUE(h.store().FinishRebuild(*second).has_value());
  EXPECT_EQ(h.store().FinishRebuild(*second).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(Found(h.store(), ""), "a");
}

void SearchesGoOnDuringARebuild(MetadataStoreHarness& h) {
  if (!Put(h.store(), {Session("a", {{"n", "1"}}), Session("b", {{"n", "1"}})})) return;
  ASSERT_TRUE(h.store().BeginRebuild().has_value());
  EXPECT_EQ(Found(h.store(), "n:1"), "a b");
  if (!Put(h.store(), {Session("a", {{"n", "1"}})})) return;
  EXPECT_EQ(Found(h.store(), "n:1"), "a b");
}

// One Upsert of two documents is seen whole or not at all, and no search fails.
void SearchesWhileAWriterWrites(MetadataStoreHarness& h) {
  constexpr int kRounds = 40;
  std::atomic<int> written = 0;
  std::atomic<bool> failed = false;
  {
    const std::jthread writer([&] {
      for (int i = 0; i < kRounds && !failed; ++i) {
        const auto n = std::to_string(i);
        const SessionDocument pair[] = {Session("a" + n, {{"n", n}}, i), Session("b" + n, {{"n", n}}, i)};
        if (!h.store().Upsert(pair)) failed = true;
        ++written;
      }
    });
    const auto read = [&] {
      uint64_t last = 0;
      while (!failed) {
        const bool end = written == kRounds;
        const auto page = h.store().Search({});
        if (!page || page->total % 2 != 0 || page->total < last) failed = true;
        if (page) last = page->total;
        if (end) break;
      }
    };
    const std::jthread second(read);
    read();
  }
  EXPECT_FALSE(failed);
  EXPECT_EQ(Found(h.store(), "n:7"), "a7 b7");
}

constexpr MetadataCase kCases[] = {
    {"GetAnswersTheWholeDocument", GetAnswersTheWholeDocument},
    {"AnUnknownSessionIsNotFound", AnUnknownSessionIsNotFound},
    {"ANewerVersionReplacesTheOlder", ANewerVersionReplacesTheOlder},
    {"OldValuesAreGone", OldValuesAreGone},
    {"AnOlderVersionChangesNothing", AnOlderVersionChangesNothing},
    {"AnEqualVersionIsIgnored", AnEqualVersionIsIgnored},
    {"DuplicatesAndAnyOrderEndAlike", DuplicatesAndAnyOrderEndAlike},
    {"NothingMayBeUpserted", NothingMayBeUpserted},
    {"RestartKeepsEverything", RestartKeepsEverything},
    {"ARebuildRemovesWhatWasNotUpserted", ARebuildRemovesWhatWasNotUpserted},
    {"ARebuildReplacesEqualVersions", ARebuildReplacesEqualVersions},
    {"ARebuildNeverGoesBack", ARebuildNeverGoesBack},
    {"OnlyTheNewestRebuildCanFinish", OnlyTheNewestRebuildCanFinish},
    {"SearchesGoOnDuringARebuild", SearchesGoOnDuringARebuild},
    {"SearchesWhileAWriterWrites", SearchesWhileAWriterWrites},
};

}  // namespace

std::span<const MetadataCase> MetadataWriteCases() { return kCases; }

}  // namespace seshat::conformance
