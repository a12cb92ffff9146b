#include "services/operations/status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "adapters/memory_event_bus/memory_event_bus.h"
#include "adapters/memory_journal/memory_journal.h"
#include "ports/reference/reference_metadata_store.h"
#include "services/operations/run_summary.h"
#include "support/fakes.h"

namespace seshat::operations {
namespace {

using ::testing::ElementsAre;

class StatusTest : public ::testing::Test {
 protected:
  void Add(const std::string& source, const std::string& id, const Progress& progress) {
    Observation complete{.files = 2, .bytes = 7, .complete = true};
    complete.fingerprint.Add("a.bin", 0, {.size = 1});
    JournalChange change;
    change.observations.push_back({{source, id}, complete});
    change.progress.push_back({{source, id}, progress});
    ASSERT_TRUE(journal_->Apply(change));
  }

  StatusReport Look(MigrationJournal* journal, std::vector<std::string> sources = {}) {
    auto report = LookAtStatus({.journal = journal,
                                .bus = *bus_,
                                .index = *index_,
                                .clock = clock_,
                                .sources = std::move(sources),
                                .subscriptions = subscriptions_});
    EXPECT_TRUE(report) << report.error().message;
    return report ? *report : StatusReport{};
  }

  testing::FakeClock clock_;
  std::unique_ptr<MigrationJournal> journal_ = memory_journal::MakeMemoryJournal();
  std::unique_ptr<EventBus> bus_ = memory_event_bus::MakeMemoryEventBus(clock_);
  std::unique_ptr<MetadataStore> index_ = reference::MakeReferenceMetadataStore();
  std::vector<std::string> subscriptions_;
};

TEST_F(StatusTest, WithoutAnAgentThereAreNoSources) {
  ASSERT_TRUE(bus_->EnsureSubscription({.name = "indexing"}));
  subscriptions_ = {"indexing"};
  const StatusReport report = Look(nullptr, {"rig"});
  EXPECT_FALSE(report.agent_has_run);
  EXPECT_TRUE(report.sources.empty());
  ASSERT_EQ(report.subscriptions.size(), 1U);
  EXPECT_EQ(report.subscriptions.front().name, "indexing");
}

TEST_F(StatusTest, SourcesOfFlagsAreFoundInTheJournal) {
  Add("flag", "run-1", {});
  Add("flag", "run-2", {});
  Add("other", "run-3", {});
  std::vector<std::string> names;
  for (const auto& source : Look(journal_.get(), {"configured"}).sources) names.push_back(source.scan.source);
  EXPECT_THAT(names, ElementsAre("configured", "flag", "other"));
}

TEST_F(StatusTest, ConflictsAndPartialSessionsNeedAPersonAndNoMoreAreNamedThanOneReads) {
  for (int i = 0; i < 30; ++i) Add("rig", "taken-" + std::to_string(i), {.ownership = Ownership::kConflict});
  Add("rig", "fine", {});
  const StatusReport report = Look(journal_.get());
  EXPECT_EQ(report.attention.size(), kMaxAttention);
  for (const auto& session : report.attention) EXPECT_EQ(session.state, migration::SessionState::kConflict);
}

TEST_F(StatusTest, TellsWhyUploadsPauseAndWhatIsSearchable) {
  JournalChange change;
  change.sources.push_back({.source = "", .problem = "the bucket refuses"});
  ASSERT_TRUE(journal_->Apply(change));
  SessionDocument document;
  document.session_id = "run-1";
  document.version = 1;
  ASSERT_TRUE(index_->Upsert(std::span(&document, 1)));
  const StatusReport report = Look(journal_.get());
  EXPECT_EQ(report.store_problem, "the bucket refuses");
  EXPECT_EQ(report.searchable, 1U);
}

TEST_F(StatusTest, ASummaryCountsWhatAnAgentHasStored) {
  Add("rig", "stored", {.revision = 1, .stored_files = 3, .stored_bytes = 40});
  Add("rig", "not-yet", {});
  const auto summary = Summarise(*journal_);
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->sessions, 1U);
  EXPECT_EQ(summary->files, 3U);
  EXPECT_EQ(summary->bytes, 40U);
  EXPECT_FALSE(summary->results.has_value());
}

TEST_F(StatusTest, ASummaryOfTheIndexHasAnExampleThatFindsASession) {
  SessionDocument bare;
  bare.session_id = "bare";
  bare.version = 1;
  SessionDocument told = bare;
  told.session_id = "told";
  told.metadata.push_back({"rig", metadata::TypeValue("bench-1")});
  told.files.push_back({.path = "a", .results = {{.outputs = {{"x", "k", 1}, {"y", "k", 1}}}}});
  ASSERT_TRUE(index_->Upsert(std::vector{bare, told}));
  const auto summary = Summarise(*index_);
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->sessions, 2U);
  EXPECT_EQ(summary->results, 2U);
  EXPECT_EQ(summary->session, "told");
  EXPECT_EQ(summary->query, "rig = bench-1");
}

}  // namespace
}  // namespace seshat::operations
