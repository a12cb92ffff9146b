#include "services/operations/why.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "adapters/memory_journal/memory_journal.h"
#include "ports/reference/reference_metadata_store.h"
#include "support/fakes.h"

namespace seshat::operations {
namespace {

using ::testing::HasSubstr;

class WhyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    SessionDocument document;
    document.session_id = "stored-1";
    document.version = 1;
    document.file_count = 2;
    document.files.push_back({.path = "a", .results = {{.outcome = "succeeded"}, {.outcome = "failed"}}});
    ASSERT_TRUE(index_->Upsert(std::span(&document, 1)));
    JournalChange change;
    change.observations.push_back({{"rig", "waiting-1"}, {.files = 1, .waiting_for = "a marker"}});
    ASSERT_TRUE(journal_->Apply(change));
  }

  Result<WhyAnswer> Ask(const std::string& id, bool agent = true) {
    return Why({.index = *index_, .journal = agent ? journal_.get() : nullptr, .clock = clock_}, id);
  }

  testing::FakeClock clock_;
  std::unique_ptr<MigrationJournal> journal_ = memory_journal::MakeMemoryJournal();
  std::unique_ptr<MetadataStore> index_ = reference::MakeReferenceMetadataStore();
};

TEST_F(WhyTest, SaysWhatASessionWaitsFor) {
  const auto answer = Ask("waiting-1");
  ASSERT_TRUE(answer) << answer.error().message;
  ASSERT_EQ(answer->sessions.size(), 1U);
  EXPECT_THAT(answer->sessions.front().why, HasSubstr("a marker"));
  EXPECT_FALSE(answer->searchable);
}

TEST_F(WhyTest, KnowsSessionsThatOnlyTheIndexHas) {
  for (const bool agent : {true, false}) {
    const auto answer = Ask("stored-1", agent);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_TRUE(answer->sessions.empty());
    EXPECT_TRUE(answer->searchable);
    EXPECT_EQ(answer->files, 2U);
    EXPECT_EQ(answer->results, 1U);
    EXPECT_EQ(answer->failures, 1U);
  }
}

TEST_F(WhyTest, NamesTheNearestSession) {
  const auto at_source = Ask("waitnig-1");
  ASSERT_FALSE(at_source);
  EXPECT_EQ(at_source.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(at_source.error().message, HasSubstr("did you mean 'waiting-1'?"));
  const auto indexed = Ask("stroed-1", false);
  ASSERT_FALSE(indexed);
  EXPECT_EQ(indexed.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(indexed.error().message, HasSubstr("did you mean 'stored-1'?"));
}

TEST_F(WhyTest, RefusesWhatCanBeNoId) {
  const auto answer = Ask("../x");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace seshat::operations
