#include "services/records/manifest_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/records/keys.h"
#include "services/indexing/indexing_lab.h"
#include "services/records/session_list.h"

namespace seshat::stored {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IndexingLab;

SessionId Id(const char* id) { return SessionId::Parse(id).value(); }

TEST(ManifestReader, FindsEveryRevisionAndTheNewest) {
  IndexingLab lab;
  lab.PutSession({.id = "s", .metadata = "a: 1\n", .files = {"b", "a"}});
  lab.PutSession({.id = "s", .files = {"c"}, .revision = 2});
  lab.Put("s/manifests/000003/page", "below a revision that is not there yet");
  lab.Put("s/manifests/000003.jsonx", "something else");
  EXPECT_THAT(ListRevisions(*lab.store, Id("s"), {}).value(), ElementsAre(1, 2));
  EXPECT_EQ(ReadNewest(*lab.store, Id("s"), {})->revision(), 2u);
  const auto first = ReadRevision(*lab.store, Id("s"), 1, {});
  ASSERT_TRUE(first) << first.error().ToString();
  EXPECT_EQ(first->file_count(), 3u);
  EXPECT_EQ(first->total_bytes(), std::string("bytes of abytes of ba: 1\n").size());
  std::vector<std::string> paths;
  ASSERT_TRUE(first->ForEachFile([&](const ManifestFile& file) -> Status {
    paths.push_back(file.path);
    return {};
  }));
  EXPECT_THAT(paths, ElementsAre("a", "b", "metadata.txt"));
  EXPECT_EQ(first->Find("b").value()->key, "s/raw/b");
  EXPECT_FALSE(first->Find("bb").value());
  EXPECT_EQ(ReadRevision(*lab.store, Id("s"), 4, {}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(ReadNewest(*lab.store, Id("nobody"), {}).error().code, ErrorCode::kNotFound);
}

TEST(ManifestReader, AManifestThatSaysSomethingElseThanItsKeyIsDamaged) {
  IndexingLab lab;
  lab.Put("torn/manifests/000001.json", "{\"format\":");
  lab.Put("other/manifests/000001.json", records::EncodeManifest({.session_id = "s"}));
  lab.Put("late/manifests/000002.json", records::EncodeManifest({.session_id = "late", .revision = 1}));
  for (const char* id : {"torn", "other", "late"}) {
    const auto read = ReadNewest(*lab.store, Id(id), {});
    ASSERT_FALSE(read) << id;
    EXPECT_EQ(read.error().code, ErrorCode::kDataLoss);
    EXPECT_THAT(read.error().message, HasSubstr(std::string(id) + "/manifests/00000"));
  }
}

TEST(ManifestReader, TheCacheKeepsTheLastOneOnly) {
  IndexingLab lab;
  lab.PutSession({.id = "s"});
  lab.PutSession({.id = "t"});
  testing::FaultPlan calls;
  testing::FaultyBlobStore counted(*lab.store, calls);
  ManifestCache cache(counted);
  const auto get = [&](const char* id) {
    return cache.Get({.id = Id(id), .key = keys::Manifest(Id(id), 1).value()}, {}).value()->id().value();
  };
  EXPECT_EQ(get("s"), "s");
  EXPECT_EQ(get("s"), "s");
  EXPECT_EQ(calls.calls(), 1u);
  EXPECT_EQ(get("t"), "t");
  EXPECT_EQ(get("s"), "s");
  EXPECT_EQ(calls.calls(), 3u);
}

TEST(ManifestReader, ManyAreReadAndEachIsAnswered) {
  IndexingLab lab;
  lab.PutSession({.id = "s"});
  lab.PutSession({.id = "t"});
  const auto ref = [](const char* id, std::optional<Sha256> sha256 = {}) {
    return ManifestRef{.id = Id(id), .key = keys::Manifest(Id(id), 1).value(), .sha256 = sha256};
  };
  const std::vector<ManifestRef> wanted{ref("s"), ref("nobody"), ref("t", Sha256::Of(AsBytes("other")))};
  std::map<size_t, ErrorCode> errors;
  const auto read = [&](std::stop_token stop) {
    errors.clear();
    ReadManifests(
        *lab.store, wanted,
        [&](size_t index, Result<StoredManifest> manifest) {
          EXPECT_TRUE(errors.emplace(index, manifest ? ErrorCode::kInternal : manifest.error().code).second);
        },
        std::move(stop));
  };
  read({});
  EXPECT_THAT(errors, ElementsAre(std::pair(0, ErrorCode::kInternal), std::pair(1, ErrorCode::kNotFound),
                                  std::pair(2, ErrorCode::kDataLoss)));
  std::stop_source stop;
  stop.request_stop();
  read(stop.get_token());
  EXPECT_EQ(errors.size(), 3u);
  EXPECT_EQ(errors.at(1), ErrorCode::kCancelled);
}

TEST(SessionList, NamesSessionsAndNothingElse) {
  IndexingLab lab;
  lab.PutSession({.id = "b"});
  lab.Put("a/owner.json", "{}");
  lab.Put(".datasets/x.json", "{}");
  lab.Put("file", "no folder");
  EXPECT_THAT(ListSessions(*lab.store, {}).value(), ElementsAre(Id("a"), Id("b")));
  int seen = 0;
  const auto ended = ForEachSession(*lab.store,
                                    [&](const SessionId&) -> Status {
                                      ++seen;
                                      return Fail(ErrorCode::kInternal, "enough");
                                    },
                                    {});
  EXPECT_EQ(ended.error().message, "enough");
  EXPECT_EQ(seen, 1);
}

}  // namespace
}  // namespace seshat::stored
