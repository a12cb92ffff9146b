// One call answers one search, without a program, a configuration or a terminal.
#include "services/catalog/search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "adapters/memory_blob_store/memory_blob_store.h"
#include "ports/reference/reference_metadata_store.h"
#include "services/catalog/request_text.h"
#include "services/catalog/session_lookup.h"
#include "support/faulty_ports.h"

namespace seshat::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

SessionDocument Session(const std::string& id, const std::string& rig, const std::string& load) {
  SessionDocument document;
  document.session_id = id;
  document.version = 1;
  document.manifest_key = id + "/manifests/000001.json";
  document.metadata.push_back({"rig", metadata::TypeValue(rig)});
  document.metadata.push_back({"load", metadata::TypeValue(load)});
  document.files.push_back({.path = "a.bin", .key = id + "/raw/a.bin", .size = 3});
  return document;
}

class CatalogSearchTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::vector documents{Session("s1", "bench-1", "10 N"), Session("s2", "bench-1", "20 N"),
                                Session("s3", "bench-2", "30 N")};
    ASSERT_TRUE(index_->Upsert(documents));
  }

  Result<SearchAnswer> Ask(const SearchWish& wish, BlobStore* store = nullptr) {
    return Search(wish, settings_, *index_, store);
  }

  std::unique_ptr<MetadataStore> index_ = reference::MakeReferenceMetadataStore();
  SearchSettings settings_;
};

TEST_F(CatalogSearchTest, OneCallAnswersAllOfIt) {
  const auto answer =
      Ask({.query = "rig:bench-1", .sort = "-load", .facets = {"rig"}, .histograms = {"load:4"}, .columns = {"load"}});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->query, "rig:bench-1");
  EXPECT_EQ(answer->understood_as, "rig:bench-1");
  EXPECT_EQ(answer->page.total, 2U);
  ASSERT_EQ(answer->page.hits.size(), 2U);
  EXPECT_EQ(answer->page.hits.front().document.session_id, "s2");
  ASSERT_EQ(answer->highlights.size(), 2U);
  EXPECT_EQ(answer->highlights.front().front().field, "rig");
  EXPECT_EQ(answer->page.facets.front().values.front().value, "bench-1");
  EXPECT_LE(answer->page.histograms.front().counts.size(), 4U);
  EXPECT_TRUE(answer->storage.empty());
  EXPECT_EQ(answer->did_you_mean, "");
}

TEST_F(CatalogSearchTest, ProposesABetterQueryWhereNothingIsFound) {
  const auto answer = Ask({.query = "rig:bnech-1"});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->page.total, 0U);
  EXPECT_EQ(answer->did_you_mean, "rig:\"bench-1\"");
  EXPECT_EQ(Ask({.query = "rig is bench-1"})->did_you_mean, "rig:bench-1");
}

TEST_F(CatalogSearchTest, RefusesFieldsThatNoSessionHas) {
  for (const SearchWish& wish : {SearchWish{.query = "rgi:x"}, SearchWish{.sort = "rgi"}, SearchWish{.facets = {"rgi"}},
                                 SearchWish{.histograms = {"rgi"}}, SearchWish{.columns = {"rgi"}}}) {
    const auto answer = Ask(wish);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(answer.error().message, HasSubstr("did you mean 'rig'?"));
  }
}

TEST_F(CatalogSearchTest, RefusesWhatMakesNoSense) {
  EXPECT_THAT(Ask({.sort = "-"}).error().message, HasSubstr("'-' is no order"));
  EXPECT_THAT(Ask({.histograms = {"rig"}}).error().message, HasSubstr("no session has a number or a date in 'rig'"));
  EXPECT_EQ(Ask({.query = "rig:("}).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(CatalogSearchTest, AliasesAreOneField) {
  settings_.aliases.push_back({"machine", {"rig"}});
  const auto answer = Ask({.query = "machine:bench-2", .facets = {"machine"}});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->page.total, 1U);
}

TEST_F(CatalogSearchTest, AStoreThatIsAwayMakesNoSearchFail) {
  const auto blobs = memory_blob_store::MakeMemoryBlobStore(std::make_shared<memory_blob_store::MemoryBlobs>());
  testing::FaultPlan away({.fail_at = 1, .for_ever = true});
  testing::FaultyBlobStore store(*blobs, away);
  const auto answer = Ask({.query = "s1"}, &store);
  ASSERT_TRUE(answer) << answer.error().message;
  ASSERT_EQ(answer->storage.size(), 1U);
  EXPECT_EQ(answer->storage.front().Of("s1/raw/a.bin").state, StorageState::kUnknown);
  EXPECT_NE(answer->storage.front().Of("s1/raw/a.bin").url, "");
}

TEST_F(CatalogSearchTest, FindsASessionOrNamesTheNearest) {
  EXPECT_EQ(FindSession(*index_, "s1")->session_id, "s1");
  const auto none = FindSession(*index_, "ss1");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(none.error().message, HasSubstr("there is no session 'ss1'; did you mean"));
}

TEST(RequestText, SplitsNamesAtCommas) {
  EXPECT_THAT(SplitNames("rig,operator"), ElementsAre("rig", "operator"));
  EXPECT_THAT(SplitNames(R"(a\,b,,c,)"), ElementsAre("a,b", "c"));
  EXPECT_THAT(SplitNames(""), ElementsAre());
}

TEST(RequestText, ReadsOrdersBothWays) {
  EXPECT_EQ(ParseSort("relevance")->by, SortOrder::By::kRelevance);
  EXPECT_FALSE(ParseSort("load")->descending);
  for (const char* text : {"-load", "load:desc"}) {
    EXPECT_TRUE(ParseSort(text)->descending) << text;
    EXPECT_EQ(ParseSort(text)->field, "load") << text;
  }
  for (const char* text : {"", "-", ":desc"}) EXPECT_FALSE(ParseSort(text).has_value()) << text;
}

TEST(RequestText, HistogramsOfFieldsWithColons) {
  EXPECT_EQ(ParseHistogram("load:5")->buckets, 5U);
  EXPECT_EQ(ParseHistogram("load:5")->field, "load");
  EXPECT_EQ(ParseHistogram("a:b")->field, "a:b");
  EXPECT_FALSE(ParseHistogram("load:0"));
}

}  // namespace
}  // namespace seshat::catalog
