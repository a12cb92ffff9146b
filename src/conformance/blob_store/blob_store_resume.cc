// What a resumable put promises: after a crash at any point its outcome can be told.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "conformance/blob_store/blob_store_cases.h"
#include "conformance/blob_store/blob_store_probes.h"

namespace seshat::conformance {
namespace {

PutRequest Resumable(const BlobKey& key, std::shared_ptr<BlobSource> body, PutJournal& journal,
                     std::string state = {}) {
  return {.key = key, .body = std::move(body), .journal = &journal, .resume_state = std::move(state)};
}

// Leaves a put behind that was killed after its first states were saved. Its last state.
std::string LeaveUnfinished(BlobStoreHarness& h, const BlobKey& key, const std::string& bytes) {
  const auto store = h.Open(BlobAccess::kReadWrite);
  ProbeJournal journal(3);
  const auto outcome = PutOne(*store, Resumable(key, SourceFromBytes(bytes), journal));
  EXPECT_FALSE(outcome) << "a put must not succeed when its journal does not";
  EXPECT_FALSE(journal.state().empty()) << "nothing was saved before the second part";
  return journal.state();
}

std::string ThreeParts(const BlobStoreHarness& h) { return Pattern(3 * h.part_bytes() + 1); }

// Kills the put at its `at`-th journal call, then resumes. False when there was no such call.
bool KillAndResume(BlobStoreHarness& h, const BlobKey& key, const std::string& bytes, uint64_t at) {
  ProbeJournal first(at);
  {
    const auto store = h.Open(BlobAccess::kReadWrite);
    const auto outcome = PutOne(*store, Resumable(key, SourceFromBytes(bytes), first));
    if (!first.failed()) {
      EXPECT_EQ(CodeOf(outcome), "ok");
      return false;
    }
    EXPECT_FALSE(outcome) << "journal call " << at << " failed, the put did not";
  }
  const auto store = h.Open(BlobAccess::kReadWrite);
  const auto body = std::make_shared<ProbeSource>(bytes);
  ProbeJournal second;
  const auto outcome = PutOne(*store, Resumable(key, body, second, first.state()));
  EXPECT_EQ(CodeOf(outcome), "ok") << "resumed after journal call " << at;
  if (outcome) {
    EXPECT_EQ(outcome->sha256.ToHex(), Sha256::Of(AsBytes(bytes)).ToHex());
    EXPECT_EQ(outcome->size, bytes.size());
  }
  EXPECT_FALSE(body->read_twice()) << "resumed after journal call " << at;
  EXPECT_TRUE(ReadBack(*store, key) == bytes) << "resumed after journal call " << at;
  return true;
}

void ResumesAfterACrashAtEveryJournalCall(BlobStoreHarness& h) {
  for (const uint64_t size : {uint64_t{0}, uint64_t{10}, 3 * h.part_bytes() + 1}) {
    const std::string bytes = Pattern(size);
    uint64_t at = 1;
    while (at < 100 && KillAndResume(h, Key(fmt::format("{}/{}", size, at)), bytes, at)) ++at;
    EXPECT_LT(at, 100U) << "does not come to an end";
    EXPECT_GT(at, 2U) << "a resumable put saves a state and a digest";
  }
}

void SavesTheDigestBeforeTheObjectIsVisible(BlobStoreHarness& h) {
  const auto store = h.Open(BlobAccess::kReadWrite);
  const auto reader = h.Open(BlobAccess::kReadWrite);
  const std::string bytes = ThreeParts(h);
  ProbeJournal journal;
  std::string seen = "SaveDigest was not called";
  journal.on_digest = [&] { seen = CodeOf(reader->Stat(Key("k"))); };
  EXPECT_EQ(CodeOf(PutOne(*store, Resumable(Key("k"), SourceFromBytes(bytes), journal))), "ok");
  EXPECT_EQ(seen, "not_found");
  ASSERT_TRUE(journal.digest());
  EXPECT_EQ(journal.digest()->ToHex(), Sha256::Of(AsBytes(bytes)).ToHex());
}

void SavesShortStates(BlobStoreHarness& h) {
  const auto store = h.Open(BlobAccess::kReadWrite);
  ProbeJournal journal;
  EXPECT_EQ(CodeOf(PutOne(*store, Resumable(Key("k"), SourceFromBytes(ThreeParts(h)), journal))), "ok");
  EXPECT_FALSE(journal.state().empty());
  EXPECT_LE(journal.state().size(), 1024U * 1024U);
}

void AFinishedPutSucceedsAgain(BlobStoreHarness& h) {
  const std::string bytes = ThreeParts(h);
  ProbeJournal journal;
  const auto first = PutOne(*h.Open(BlobAccess::kReadWrite), Resumable(Key("k"), SourceFromBytes(bytes), journal));
  ASSERT_EQ(CodeOf(first), "ok");
  for (int again = 0; again < 2; ++again) {
    const auto store = h.Open(BlobAccess::kReadWrite);
    const auto second = PutOne(*store, Resumable(Key("k"), SourceFromBytes(bytes), journal, journal.state()));
    ASSERT_EQ(CodeOf(second), "ok");
    EXPECT_EQ(second->sha256.ToHex(), first->sha256.ToHex());
    EXPECT_EQ(second->size, first->size);
    EXPECT_TRUE(ReadBack(*store, Key("k")) == bytes);
  }
}

void ALostAnswerIsFoundAgain(BlobStoreHarness& h) {
  if (!h.LoseNextAnswer()) GTEST_SKIP() << "cannot be staged";
  const std::string bytes = ThreeParts(h);
  ProbeJournal journal;
  EXPECT_FALSE(PutOne(*h.Open(BlobAccess::kReadWrite), Resumable(Key("k"), SourceFromBytes(bytes), journal)));
  const auto store = h.Open(BlobAccess::kReadWrite);
  const auto again = PutOne(*store, Resumable(Key("k"), SourceFromBytes(bytes), journal, journal.state()));
  ASSERT_EQ(CodeOf(again), "ok");
  EXPECT_EQ(again->sha256.ToHex(), Sha256::Of(AsBytes(bytes)).ToHex());
}

void FindsSomebodyElsesObject(BlobStoreHarness& h) {
  const std::string state = LeaveUnfinished(h, Key("k"), ThreeParts(h));
  const auto store = h.Open(BlobAccess::kReadWrite);
  ASSERT_EQ(CodeOf(PutBytes(*store, Key("k"), "theirs")), "ok");
  for (int again = 0; again < 2; ++again) {
    ProbeJournal journal;
    EXPECT_EQ(CodeOf(PutOne(*h.Open(BlobAccess::kReadWrite),
                            Resumable(Key("k"), SourceFromBytes(ThreeParts(h)), journal, state))),
              "already_exists");
    EXPECT_EQ(ReadBack(*store, Key("k")), "theirs");
  }
}

void TellsAnUnknownState(BlobStoreHarness& h) {
  const auto store = h.Open(BlobAccess::kReadWrite);
  ASSERT_EQ(CodeOf(PutBytes(*store, Key("taken"), "theirs")), "ok");
  for (const std::string state : {"from another world", "\xFF\x00\n", "{}", "../../etc/passwd"}) {
    ProbeJournal journal;
    EXPECT_EQ(CodeOf(PutOne(*store, Resumable(Key("free"), SourceFromBytes("ours"), journal, state))), "not_found");
    EXPECT_EQ(CodeOf(PutOne(*store, Resumable(Key("taken"), SourceFromBytes("ours"), journal, state))),
              "already_exists");
    EXPECT_TRUE(store->Abandon(Key("free"), state)) << "abandoning what is not known succeeds";
  }
  EXPECT_EQ(Keys(*store), std::vector<std::string>{"taken"});
}

void ForgetsAnAbandonedPut(BlobStoreHarness& h) {
  const std::string bytes = ThreeParts(h);
  const std::string state = LeaveUnfinished(h, Key("k"), bytes);
  const auto store = h.Open(BlobAccess::kReadWrite);
  EXPECT_TRUE(store->Abandon(Key("k"), state));
  EXPECT_TRUE(store->Abandon(Key("k"), state));
  ProbeJournal journal;
  EXPECT_EQ(CodeOf(PutOne(*store, Resumable(Key("k"), SourceFromBytes(bytes), journal, state))), "not_found");
  EXPECT_EQ(CodeOf(PutOne(*store, Resumable(Key("k"), SourceFromBytes(bytes), journal))), "ok");
}

void ShowsNoUnfinishedPut(BlobStoreHarness& h) {
  LeaveUnfinished(h, Key("k"), ThreeParts(h));
  const auto store = h.Open(BlobAccess::kReadWrite);
  EXPECT_EQ(Keys(*store), std::vector<std::string>{});
  const auto folded = ListAll(*store, {.fold_folders = true});
  ASSERT_EQ(CodeOf(folded), "ok");
  EXPECT_EQ(folded->entries, std::vector<std::string>{});
  EXPECT_EQ(CodeOf(store->Stat(Key("k"))), "not_found");
  EXPECT_EQ(ReadBack(*store, Key("k")), "<not_found>");
}

void ResumesAfterAStop(BlobStoreHarness& h) {
  const std::string bytes = Pattern(4 * h.part_bytes() + 1);
  std::stop_source stop;
  const auto body = std::make_shared<ProbeSource>(bytes);
  body->on_read = [&](uint64_t end) {
    if (end >= 2 * h.part_bytes()) stop.request_stop();
  };
  ProbeJournal journal;
  ASSERT_EQ(CodeOf(PutOne(*h.Open(BlobAccess::kReadWrite), Resumable(Key("k"), body, journal), stop.get_token())),
            "cancelled");
  const auto store = h.Open(BlobAccess::kReadWrite);
  EXPECT_EQ(ReadBack(*store, Key("k")), "<not_found>");
  EXPECT_EQ(CodeOf(PutOne(*store, Resumable(Key("k"), SourceFromBytes(bytes), journal, journal.state()))), "ok");
  EXPECT_TRUE(ReadBack(*store, Key("k")) == bytes);
}

constexpr BlobStoreCase kCases[] = {
    {"ResumesAfterACrashAtEveryJournalCall", ResumesAfterACrashAtEveryJournalCall},
    {"SavesTheDigestBeforeTheObjectIsVisible", SavesTheDigestBeforeTheObjectIsVisible},
    {"SavesShortStates", SavesShortStates},
    {"AFinishedPutSucceedsAgain", AFinishedPutSucceedsAgain},
    {"ALostAnswerIsFoundAgain", ALostAnswerIsFoundAgain},
    {"FindsSomebodyElsesObject", FindsSomebodyElsesObject},
    {"TellsAnUnknownState", TellsAnUnknownState},
    {"ForgetsAnAbandonedPut", ForgetsAnAbandonedPut},
    {"ShowsNoUnfinishedPut", ShowsNoUnfinishedPut},
    {"ResumesAfterAStop", ResumesAfterAStop},
};

}  // namespace

std::span<const BlobStoreCase> BlobResumeCases() { return kCases; }

}  // namespace seshat::conformance
