#include "services/datasets/datasets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/query/query_parser.h"
#include "core/records/keys.h"
#include "ports/blob_transfer.h"
#include "services/indexing/indexing_lab.h"
#include "support/generators.h"

namespace seshat::datasets {
namespace {

using ::testing::ElementsAre;
using testing::FaultOptions;
using testing::FaultPlan;
using testing::FaultWhen;
using ::testing::HasSubstr;

class DatasetsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    lab_.Publish({lab_.PutSession({.id = "a", .metadata = "rig: north\n"}),
                  lab_.PutSession({.id = "b", .metadata = "rig: north\n", .files = {"x.bin", "y.bin"}}),
                  lab_.PutSession({.id = "c", .metadata = "rig: south\n"})});
    const auto service = lab_.MakeService();
    lab_.Drain(*service);
  }

  DatasetRequest Request(const std::string& name, const std::string& query) {
    return {.name = name,
            .description = "for the paper",
            .query = query,
            .search = {.query = query::ParseQuery(query).value()},
            .understood_as = query,
            .now = lab_.clock.Now()};
  }
  Result<Dataset> Create(const std::string& name, const std::string& query) {
    return CreateDataset(*lab_.store, *lab_.index, Request(name, query), {});
  }
  std::string Bytes(const std::string& key) {
    return GetBytes(*lab_.store, BlobKey::Parse(key).value(), 1 << 20).value();
  }
  std::map<std::string, Result<stored::StoredManifest>> Manifests(const Dataset& dataset) {
    std::map<std::string, Result<stored::StoredManifest>> manifests;
    ReadDatasetManifests(*lab_.store, dataset,
                         [&](const DatasetSession& session, Result<stored::StoredManifest> manifest) {
                           EXPECT_TRUE(manifests.emplace(session.session_id, std::move(manifest)).second);
                         },
                         {});
    return manifests;
  }

  testing::IndexingLab lab_;
};

TEST_F(DatasetsTest, NamesWhatMatchedWithItsDigests) {
  const auto made = Create("north", "rig = north");
  ASSERT_TRUE(made) << made.error().ToString();
  const auto read = ReadDataset(*lab_.store, "north");
  ASSERT_TRUE(read) << read.error().ToString();
  EXPECT_EQ(records::EncodeDataset(*made), records::EncodeDataset(*read));
  ASSERT_EQ(read->sessions.size(), 2u);
  EXPECT_EQ(read->sessions[0].session_id, "a");
  EXPECT_EQ(read->sessions[1].session_id, "b");
  EXPECT_EQ(read->sessions[1].files, 3u);
  EXPECT_EQ(read->TotalFiles(), 5u);
  EXPECT_GT(read->TotalBytes(), 0u);
  EXPECT_EQ(read->sessions[0].manifest_sha256, Sha256::Of(AsBytes(Bytes("a/manifests/000001.json"))));
  EXPECT_EQ(read->created_at, lab_.clock.Now());
  EXPECT_EQ(read->query, "rig = north");
  EXPECT_THAT(ListDatasets(*lab_.store).value(), ElementsAre("north"));
}

TEST_F(DatasetsTest, StaysAsItWasWhenSessionsChange) {
  const auto made = Create("north", "rig = north").value();
  lab_.Publish({lab_.PutSession({.id = "a", .metadata = "rig: east\n", .revision = 2}),
                lab_.PutSession({.id = "d", .metadata = "rig: north\n"})});
  const auto service = lab_.MakeService();
  lab_.Drain(*service);
  const auto read = ReadDataset(*lab_.store, "north").value();
  EXPECT_EQ(records::EncodeDataset(made), records::EncodeDataset(read));
  const auto manifests = Manifests(read);
  ASSERT_TRUE(manifests.at("a"));
  EXPECT_EQ(manifests.at("a")->revision(), 1u);
  // The same search now finds something else.
  EXPECT_EQ(Create("north-later", "rig = north")->sessions.back().session_id, "d");
}

TEST_F(DatasetsTest, IsNeverOverwritten) {
  const auto first = Create("north", "rig = north").value();
  const auto second = Create("north", "rig = south");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kAlreadyExists);
  EXPECT_THAT(second.error().message, HasSubstr("choose another name"));
  EXPECT_EQ(records::EncodeDataset(ReadDataset(*lab_.store, "north").value()), records::EncodeDataset(first));
}

TEST_F(DatasetsTest, RefusesWhatCannotBeMeant) {
  EXPECT_EQ(Create("empty", "rig = west").error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(Create("../a", "rig = north").error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(ReadDataset(*lab_.store, "absent").error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(ListDatasets(*lab_.store)->empty());
  std::stop_source stop;
  stop.request_stop();
  const auto stopped = CreateDataset(*lab_.store, *lab_.index, Request("late", "rig = north"), stop.get_token());
  EXPECT_EQ(stopped.error().code, ErrorCode::kCancelled);
}

// The index is ahead of the store: another store, or one that was restored from a backup.
TEST_F(DatasetsTest, SaysSoWhenTheIndexNamesWhatTheStoreDoesNotHave) {
  auto document = lab_.index->Get("a").value();
  document.session_id = "ghost";
  document.manifest_key = "ghost/manifests/000001.json";
  ASSERT_TRUE(lab_.index->Upsert({&document, 1}));
  const auto made = Create("north", "rig = north");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(made.error().message, HasSubstr("ghost"));
  EXPECT_THAT(made.error().message, HasSubstr("seshat reindex"));
  EXPECT_TRUE(ListDatasets(*lab_.store)->empty());
}

TEST_F(DatasetsTest, FindsManifestsThatAreNotWhatTheyWere) {
  auto dataset = Create("north", "rig = north").value();
  dataset.sessions[0].manifest_sha256 = Sha256::Of(AsBytes("other"));
  dataset.sessions[1].manifest_key = "b/manifests/000009.json";
  const auto manifests = Manifests(dataset);
  EXPECT_EQ(manifests.at("a").error().code, ErrorCode::kDataLoss);
  EXPECT_EQ(manifests.at("b").error().code, ErrorCode::kNotFound);
  // The bytes are pinned, and yet they belong elsewhere.
  dataset = Create("north-2", "rig = north").value();
  std::swap(dataset.sessions[0].manifest_key, dataset.sessions[1].manifest_key);
  std::swap(dataset.sessions[0].manifest_sha256, dataset.sessions[1].manifest_sha256);
  for (const auto& [id, manifest] : Manifests(dataset)) {
    ASSERT_FALSE(manifest);
    EXPECT_EQ(manifest.error().code, ErrorCode::kDataLoss);
  }
}

// More than one page of hits.
TEST_F(DatasetsTest, TakesEveryPage) {
  std::vector<Event> events;
  for (int i = 0; i < 1201; ++i)
    events.push_back(lab_.PutSession({.id = "s" + std::to_string(i), .metadata = "campaign: big\n"}));
  lab_.Publish(events);
  const auto service = lab_.MakeService();
  lab_.Drain(*service);
  const auto made = Create("big", "campaign = big");
  ASSERT_TRUE(made) << made.error().ToString();
  EXPECT_EQ(made->sessions.size(), 1201u);
  EXPECT_TRUE(std::ranges::is_sorted(made->sessions, {}, &DatasetSession::session_id));
}

TEST_F(DatasetsTest, AnyFailureLeavesAllOrNothing) {
  for (const FaultWhen when : {FaultWhen::kBefore, FaultWhen::kAfter}) {
    for (uint64_t n = 1;; ++n) {
      FaultPlan plan(FaultOptions{.fail_at = n, .when = when});
      testing::FaultyBlobStore store(*lab_.store, plan);
      testing::FaultyMetadataStore index(*lab_.index, plan);
      const std::string name = "set-" + std::to_string(static_cast<int>(when)) + "-" + std::to_string(n);
      const auto made = CreateDataset(store, index, Request(name, "rig = north"), {});
      if (!plan.fired()) {
        EXPECT_TRUE(made);
        break;
      }
      ASSERT_FALSE(made);
      const auto read = ReadDataset(*lab_.store, name);
      if (read)
        EXPECT_EQ(read->sessions.size(), 2u);
      else
        EXPECT_EQ(read.error().code, ErrorCode::kNotFound);
    }
  }
}

RC_GTEST_PROP(DatasetRecord, DecodingAndEncodingGivesTheSameBytes, ()) {
  Dataset dataset{.name = "n", .description = *testing::AnyText(), .query = *testing::AnyText()};
  dataset.understood_as = *testing::AnyText();
  dataset.created_at = *testing::AnyTimestamp();
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i)
    dataset.sessions.push_back({*testing::AnyText(), *rc::gen::arbitrary<uint32_t>(), *testing::AnyText(),
                                *testing::AnySha256(), *rc::gen::arbitrary<uint32_t>(),
                                *rc::gen::arbitrary<uint64_t>()});
  const std::string text = records::EncodeDataset(dataset);
  const auto again = records::DecodeDataset(text);
  RC_ASSERT(again.has_value());
  RC_ASSERT(records::EncodeDataset(*again) == text);
}

TEST(DatasetRecord, NamesTheFieldThatIsOff) {
  for (const char* text : {R"({})", R"({"format":"seshat.dataset/2"})", R"([])",
                           R"({"format":"seshat.dataset/1","name":"n","query":"q","created_at":"x"})",
                           R"({"format":"seshat.dataset/1","name":"n","query":"q",
                              "created_at":"2026-01-01T00:00:00Z","sessions":[{"session_id":"a"}]})"}) {
    const auto read = records::DecodeDataset(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, ErrorCode::kDataLoss);
    EXPECT_THAT(read.error().message, HasSubstr("dataset"));
  }
}

}  // namespace
}  // namespace seshat::datasets
