// A manifest of more than 4 MiB is not kept in memory: it is made from the journal's records as it is read, and again
// after a crash. Crashes before, during and after its put, with and without a put that can be resumed.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <string>

#include "services/migration/faulty_agent_ports.h"
#include "services/migration/lab.h"

namespace seshat::testing {
namespace {

constexpr int kFiles = 2300;
constexpr uint64_t kStreamedBytes = 4 << 20;

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
  explicit Stand(uint64_t small_file_bytes, std::optional<Crash> crash = {}) {
    lab.options.small_file_bytes = small_file_bytes;
    memory_source::MemorySource& rig = lab.AddSource(QuickSpec("rig"));
    for (int i = 0; i < kFiles; ++i) rig.Write("run-1/" + PathOf(i), std::to_string(i));
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
  const auto key = BlobKey::Parse("run-1/manifests/000001.json").value();
  const auto text = GetBytes(*stand.lab.reader, key, 64 << 20);
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_GT(text->size(), kStreamedBytes);
  const auto manifest = records::DecodeManifest(*text);
  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_EQ(manifest->files.size(), size_t{kFiles} + 1);
  EXPECT_EQ(manifest->metadata_path, "metadata.txt");
  std::set<std::string> named{"run-1/manifests/000001.json", "run-1/owner.json"};
  for (const auto& file : manifest->files) named.insert(file.key);
  const auto keys = stand.lab.Keys();
  EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()), named) << "nothing twice, nothing left over";
  std::set<std::string> events;
  for (const auto& event : stand.lab.Events()) {
    if (event.type != SessionMigrated::kType) continue;
    const auto data = SessionMigrated::FromData(event.data).value();
    EXPECT_EQ(data.manifest_sha256, Sha256::Of(AsBytes(*text)));
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
  // The memory store saves a state after each 64 KiB: some 70 of them.
  CrashAndGoOn(kResumable, {.moment = Moment::kState, .n = 40, .when = FaultWhen::kAfter});
  CrashAndGoOn(kResumable, {.moment = Moment::kCommit, .when = FaultWhen::kBefore});
}

TEST(LargeManifest, PutInOneGoSurvivesACrashAnywhere) {
  CrashAndGoOn(kInOneGo, {.moment = Moment::kSeal, .when = FaultWhen::kAfter});
  CrashAndGoOn(kInOneGo, {.moment = Moment::kCommit, .when = FaultWhen::kBefore});
}

// A lifecycle rule knows sizes only: such a manifest would go to the archive with the data that it describes.
TEST(LargeManifest, StaysInTheStandardClassAndIsSaidToBeAboveTheBorderOfTheArchive) {
  Stand stand(kInOneGo);
  stand.Run();
  const auto manifest = stand.lab.reader->Stat(BlobKey::Parse("run-1/manifests/000001.json").value());
  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_GT(manifest->size, records::ArchiveBorderBytes(stand.lab.options.prices));
  EXPECT_EQ(manifest->storage_class, StorageClass::kStandard);
  EXPECT_TRUE(stand.lab.logger.Holds("seshat aws init --archive-above"));
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
