// A manifest that is too large for one object is stored in pages, the head last. Pages are made from the journal's
// records one at a time, and again after a crash. migration_crash_test.cc has crashes at every call to a port.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <string>

#include "services/migration/faulty_agent_ports.h"
#include "services/migration/lab.h"

namespace seshat::testing {
namespace {

constexpr int kFiles = 200;
// Pages of a sixth of it.
constexpr ManifestLimits kLimits{.bytes = 64 << 10};

// Long names make a large manifest of few files: each stands in it twice, as path and as key.
std::string PathOf(int i) {
  const std::string segment(200, 'n');
  return fmt::format("{0}/{0}/{0}/{0}/{1:06}.bin", segment, i);
}

enum class Moment {
  kSeal,    // the manifest's bytes become fixed
  kState,   // of its put: the n-th that is saved
  kCommit,  // it was stored; the session becomes committed
};

struct Crash {
  Moment moment = Moment::kSeal;
  int n = 1;
  FaultWhen when = FaultWhen::kBefore;
};

// Fails for ever from one moment of the manifest's way on, which is then found in the journal or is not.
class CrashingJournal : public FaultyJournal {
 public:
  CrashingJournal(MigrationJournal& inner, FaultPlan& off, std::optional<Crash> crash)
      : FaultyJournal(inner, off), crash_(crash) {}

  Status Apply(const JournalChange& change) override {
    if (crashed_) return Crashed();
    const bool now = crash_ && IsTheMoment(change);
    if (now) crashed_ = true;
    if (now && crash_->when == FaultWhen::kBefore) return Crashed();
    const Status applied = FaultyJournal::Apply(change);
    return now ? Crashed() : applied;
  }
  bool crashed() const { return crashed_; }

 private:
  static Status Crashed() { return Fail(ErrorCode::kUnavailable, "the agent is no more"); }
  bool IsTheMoment(const JournalChange& change) {
    if (!change.outbox.empty()) return crash_->moment == Moment::kCommit;
    if (change.progress.empty() || change.progress.front().second.stage != Stage::kSealed) return false;
    const bool state = !change.progress.front().second.manifest_put_state.empty();
    if (state) ++states_;
    return state ? crash_->moment == Moment::kState && states_ == crash_->n : crash_->moment == Moment::kSeal;
  }

  std::optional<Crash> crash_;
  int states_ = 0;
  bool crashed_ = false;
};

struct Stand {
  explicit Stand(uint64_t small_file_bytes, std::optional<Crash> crash = {}, int files = kFiles,
                 const ManifestLimits& manifest = kLimits) {
    lab.options.small_file_bytes = small_file_bytes;
    lab.options.manifest = manifest;
    memory_source::MemorySource& rig = lab.AddSource(QuickSpec("rig"));
    for (int i = 0; i < files; ++i) rig.Write("run-1/" + PathOf(i), std::to_string(i));
    rig.Write("run-1/metadata.txt", "operator: Ada");
    journal.emplace(*lab.journal, off, crash);
    lab.journal_front = &*journal;
  }
  // A new agent over journal, store and bus.
  void Restart() {
    lab.journal_front = nullptr;
    lab.Start();
  }
  void Run() {
    for (int i = 0; i < 2; ++i) {
      lab.Round();
      lab.clock.Advance(std::chrono::minutes(10));
    }
  }

  Lab lab;
  FaultPlan off;
  std::optional<CrashingJournal> journal;
};

void ExpectOneWholeManifest(Stand& stand) {
  const auto manifest = stand.lab.ManifestOf("run-1", 1);
  ASSERT_TRUE(manifest);
  EXPECT_EQ(manifest->files.size(), size_t{kFiles} + 1);
  EXPECT_EQ(manifest->metadata_path, "metadata.txt");
  const auto of_manifest = stand.lab.ManifestKeys("run-1", 1);
  EXPECT_GT(of_manifest.size(), 4U) << "head and pages";
  std::set<std::string> named(of_manifest.begin(), of_manifest.end());
  named.insert("run-1/owner.json");
  for (const auto& file : manifest->files) named.insert(file.key);
  const auto keys = stand.lab.Keys();
  EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()), named) << "nothing twice, nothing left over";
  const auto head = GetBytes(*stand.lab.reader, BlobKey::Parse(of_manifest.front()).value(), 1 << 20);
  ASSERT_TRUE(head) << head.error().message;
  std::set<std::string> events;
  for (const auto& event : stand.lab.Events()) {
    if (event.type != SessionMigrated::kType) continue;
    const auto data = SessionMigrated::FromData(event.data).value();
    EXPECT_EQ(data.manifest_sha256, Sha256::Of(AsBytes(*head)));
    events.insert(event.id);
  }
  EXPECT_EQ(events.size(), 1U);
  EXPECT_EQ(stand.lab.Why("run-1").state, migration::SessionState::kCommitted);
}

void CrashAndGoOn(uint64_t small_file_bytes, const Crash& crash) {
  SCOPED_TRACE(fmt::format("moment {}, n {}, {}", static_cast<int>(crash.moment), crash.n,
                           crash.when == FaultWhen::kBefore ? "before" : "after"));
  Stand stand(small_file_bytes, crash);
  stand.Run();
  EXPECT_TRUE(stand.journal->crashed());
  const bool stored = crash.moment == Moment::kCommit;
  EXPECT_EQ(stand.lab.ManifestOf("run-1", 1).has_value(), stored) << "visible only when it is whole";
  stand.Restart();
  stand.Run();
  ExpectOneWholeManifest(stand);
}

constexpr uint64_t kResumable = 1000;     // small_file_bytes: what is larger is put with a state
constexpr uint64_t kInOneGo = 32U << 20;  // and what is not, without

TEST(LargeManifest, PutThatCanBeResumedSurvivesACrashAnywhere) {
  CrashAndGoOn(kResumable, {.moment = Moment::kSeal, .when = FaultWhen::kAfter});
  CrashAndGoOn(kResumable, {.moment = Moment::kState, .n = 1, .when = FaultWhen::kAfter});
  CrashAndGoOn(kResumable, {.moment = Moment::kCommit, .when = FaultWhen::kBefore});
}

TEST(LargeManifest, PutInOneGoSurvivesACrashAnywhere) {
  CrashAndGoOn(kInOneGo, {.moment = Moment::kSeal, .when = FaultWhen::kAfter});
  CrashAndGoOn(kInOneGo, {.moment = Moment::kCommit, .when = FaultWhen::kBefore});
}

// A lifecycle rule knows sizes only: what is above its border goes to the archive with the data.
TEST(LargeManifest, AllItsObjectsStayInTheStandardClassBelowTheBorderOfTheArchive) {
  Stand stand(kInOneGo, {}, 900, {});
  stand.Run();
  uint64_t bytes = 0;
  for (const auto& key : stand.lab.ManifestKeys("run-1", 1)) {
    const auto object = stand.lab.reader->Stat(BlobKey::Parse(key).value());
    ASSERT_TRUE(object) << object.error().message;
    EXPECT_LT(object->size, records::ArchiveBorderBytes(stand.lab.options.prices));
    EXPECT_EQ(object->storage_class, StorageClass::kStandard);
    bytes += object->size;
  }
  EXPECT_GT(bytes, records::ArchiveBorderBytes(stand.lab.options.prices)) << "in one object it would not be";
  EXPECT_FALSE(stand.lab.logger.Holds("--archive-above"));
}

// Nothing but a head of thousands of pages can still be.
TEST(LargeManifest, AHeadAboveTheBorderOfTheArchiveIsTalkedAbout) {
  Lab lab;
  lab.options.manifest = {.entries = 1};
  // A border as prices might move it.
  lab.options.prices.archive_transition_per_1000 = 0;
  lab.options.prices.archive_standard_overhead_bytes = 0;
  lab.options.prices.archive_overhead_bytes = 64;
  auto& rig = lab.AddSource(QuickSpec("rig"));
  for (int i = 0; i < 3; ++i) rig.Write(fmt::format("run-1/{}.bin", i), "x");
  lab.Settle();
  ASSERT_TRUE(lab.Newest("run-1"));
  EXPECT_TRUE(lab.logger.Holds("seshat aws init --archive-above"));
}

// A newer version may cut pages in another way. What was begun is not mixed with what is made now.
TEST(LargeManifest, PagesCutInAnotherWayAfterACrashAreOtherPages) {
  const Crash crash{.moment = Moment::kCommit, .when = FaultWhen::kBefore};
  for (const bool head_is_there : {true, false}) {
    Stand stand(kInOneGo, head_is_there ? crash : Crash{.moment = Moment::kSeal, .when = FaultWhen::kAfter});
    stand.Run();
    stand.lab.options.manifest.entries = 30;
    stand.Restart();
    stand.Run();
    const auto manifest = stand.lab.ManifestOf("run-1", 1);
    ASSERT_TRUE(manifest);
    EXPECT_EQ(manifest->files.size(), size_t{kFiles} + 1);
    const auto migrated = stand.lab.Migrated();
    ASSERT_FALSE(migrated.empty());
    const auto head = GetBytes(*stand.lab.reader, BlobKey::Parse(migrated[0].manifest_key).value(), 1 << 20).value();
    EXPECT_EQ(migrated[0].manifest_sha256, Sha256::Of(AsBytes(head))) << "announced as it lies there";
  }
}

TEST(LargeManifest, OrdinaryOnesAreNotTalkedAbout) {
  Lab lab;
  lab.AddSource(QuickSpec("rig")).Write("run-1/metadata.txt", "operator: Ada");
  lab.Settle();
  ASSERT_TRUE(lab.Newest("run-1"));
  EXPECT_FALSE(lab.logger.Holds("--archive-above"));
}

}  // namespace
}  // namespace seshat::testing
