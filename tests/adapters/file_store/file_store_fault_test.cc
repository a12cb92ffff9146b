// Every system call of the file store failed in turn, once and for ever. After each: the store, opened again,
// holds the whole object or nothing, and doing it again succeeds.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapters/file_store/file_store.h"
#include "adapters/file_store/memory_dir.h"
#include "conformance/blob_store/blob_store_probes.h"
#include "support/fault_calls.h"

namespace seshat::testing {
namespace {

using conformance::CodeOf;
using conformance::Key;
using conformance::Keys;
using conformance::Pattern;
using conformance::ProbeJournal;
using conformance::ReadBack;
using Action = CallFaults::Action;

constexpr uint64_t kPartBytes = 64 * 1024;

std::unique_ptr<BlobStore> Open(const std::filesystem::path& root) {
  auto store = file_store::MakeFileBlobStore({.root = root, .part_bytes = kPartBytes});
  EXPECT_TRUE(store) << (store ? "" : store.error().ToString());
  return *std::move(store);
}

struct Fault {
  const char* name;
  CallFaults faults;
};

const Fault kFaults[] = {
    {"EIO", {.error_number = EIO}},
    {"EIO for ever", {.for_ever = true, .error_number = EIO}},
    {"ENOSPC", {.error_number = ENOSPC}},
    {"ENOSPC for ever", {.for_ever = true, .error_number = ENOSPC}},
    {"EROFS for ever", {.for_ever = true, .error_number = EROFS}},
    {"EINTR", {.error_number = EINTR}},
    {"lost answer", {.action = Action::kFailAfter, .error_number = EIO}},
    {"short transfer", {.action = Action::kShorten}},
};

class FileStoreFaults : public ::testing::TestWithParam<Fault> {};

// What may be told of a put that failed. Not: somebody else's object, an unknown state, a reason to give up.
void ExpectHonest(const Status& status, const std::string& where) {
  if (status) return;
  const ErrorCode code = status.error().code;
  EXPECT_TRUE(code == ErrorCode::kUnavailable || code == ErrorCode::kResourceExhausted ||
              code == ErrorCode::kPermissionDenied)
      << where << ": " << status.error().ToString();
}

Status StatusOf(const Result<PutOutcome>& outcome) { return outcome ? Status() : std::unexpected(outcome.error()); }

// Three sizes in one feed: two that go in a batch, and one too large for that.
Status PutThree(BlobStore& store, const std::string& large) {
  std::vector<PutRequest> requests;
  requests.push_back({.key = Key("s/raw/small"), .body = SourceFromBytes("small")});
  requests.push_back({.key = Key("s/raw/empty"), .body = SourceFromBytes("")});
  requests.push_back({.key = Key("s/large"), .body = SourceFromBytes(large)});
  conformance::ProbePutFeed feed(std::move(requests));
  store.PutAll(feed, {});
  EXPECT_TRUE(feed.exact());
  for (uint64_t tag = 0; tag < 3; ++tag) {
    const Result<PutOutcome>& outcome = *feed.answer(tag);
    if (!outcome && outcome.error().code != ErrorCode::kAlreadyExists) return StatusOf(outcome);
  }
  return {};
}

TEST_P(FileStoreFaults, APutStoresAllOrNothing) {
  const MemoryDir dir;
  const std::string large = Pattern(1024 * 1024 + 1);
  const std::map<std::string, std::string> bytes = {{"s/large", large}, {"s/raw/empty", ""}, {"s/raw/small", "small"}};
  int attempts = 0;
  const uint64_t hit = SweepFaults(GetParam().faults, [&](const CallFaults& faults) {
    const auto root = dir / std::to_string(++attempts);
    const auto store = Open(root);
    Status status;
    uint64_t injected = 0;
    std::string where;
    {
      const FaultScope scope(faults);
      status = PutThree(*store, large);
      injected = scope.injected();
      where = fmt::format("call {} ({})", faults.at, scope.first());
    }
    ExpectHonest(status, where);
    const auto again = Open(root);
    for (const auto& key : Keys(*again)) EXPECT_TRUE(ReadBack(*again, Key(key)) == bytes.at(key)) << where;
    EXPECT_TRUE(PutThree(*again, large)) << where;
    EXPECT_EQ(Keys(*again).size(), 3U) << where;
    for (const auto& key : Keys(*again)) EXPECT_TRUE(ReadBack(*again, Key(key)) == bytes.at(key)) << where;
    std::filesystem::remove_all(root);
    return injected;
  });
  EXPECT_GT(hit, GetParam().faults.action == Action::kShorten ? 0U : 15U);
}

TEST_P(FileStoreFaults, AResumablePutIsNeverTakenForSomebodyElses) {
  const MemoryDir dir;
  const std::string bytes = Pattern(2 * kPartBytes + 100);
  int attempts = 0;
  const uint64_t hit = SweepFaults(GetParam().faults, [&](const CallFaults& faults) {
    const auto root = dir / std::to_string(++attempts);
    const auto store = Open(root);
    ProbeJournal journal;
    PutRequest request{.key = Key("s/owner.json"), .body = SourceFromBytes(bytes), .journal = &journal};
    Result<PutOutcome> outcome;
    uint64_t injected = 0;
    std::string where;
    {
      const FaultScope scope(faults);
      outcome = PutOne(*store, request);
      injected = scope.injected();
      where = fmt::format("call {} ({})", faults.at, scope.first());
    }
    ExpectHonest(StatusOf(outcome), where);
    const auto again = Open(root);
    const std::string seen = ReadBack(*again, Key("s/owner.json"));
    EXPECT_TRUE(seen == bytes || (!outcome && seen == "<not_found>")) << where;
    request.resume_state = journal.state();
    Result<PutOutcome> resumed = PutOne(*again, request);
    if (!resumed && resumed.error().code == ErrorCode::kNotFound) {
      request.resume_state.clear();
      resumed = PutOne(*again, request);
    }
    EXPECT_EQ(CodeOf(resumed), "ok") << where << (resumed ? "" : resumed.error().ToString());
    EXPECT_TRUE(resumed && resumed->sha256 == Sha256::Of(AsBytes(bytes))) << where;
    EXPECT_TRUE(ReadBack(*again, Key("s/owner.json")) == bytes) << where;
    std::filesystem::remove_all(root);
    return injected;
  });
  EXPECT_GT(hit, GetParam().faults.action == Action::kShorten ? 0U : 15U);
}

// The answer is lost after the object got its name: a kill just before that is saved.
class DiesBeforeTheEnd : public ProbeJournal {
 public:
  Status SaveState(std::string_view state) override {
    if (digest()) return Fail(ErrorCode::kUnavailable, "killed");
    return ProbeJournal::SaveState(state);
  }
};

// A resumed put under faults, from a state that another process left.
TEST_P(FileStoreFaults, AResumedPutEndsWell) {
  const MemoryDir dir;
  const std::string bytes = Pattern(3 * kPartBytes);
  int attempts = 0;
  SweepFaults(GetParam().faults, [&](const CallFaults& faults) {
    const auto root = dir / std::to_string(++attempts);
    // Killed before the second part, or, every other time, after the object had its name.
    ProbeJournal early(3);
    DiesBeforeTheEnd late;
    ProbeJournal& first = attempts % 2 == 0 ? early : late;
    PutRequest request{.key = Key("s/large"), .body = SourceFromBytes(bytes), .journal = &first};
    EXPECT_FALSE(PutOne(*Open(root), request));
    ProbeJournal journal;
    request.journal = &journal;
    request.resume_state = first.state();
    const auto store = Open(root);
    Result<PutOutcome> outcome;
    uint64_t injected = 0;
    std::string where;
    {
      const FaultScope scope(faults);
      outcome = PutOne(*store, request);
      injected = scope.injected();
      where = fmt::format("call {} ({})", faults.at, scope.first());
    }
    ExpectHonest(StatusOf(outcome), where);
    if (!journal.state().empty()) request.resume_state = journal.state();
    EXPECT_EQ(CodeOf(PutOne(*Open(root), request)), "ok") << where;
    EXPECT_TRUE(ReadBack(*Open(root), Key("s/large")) == bytes) << where;
    std::filesystem::remove_all(root);
    return injected;
  });
}

TEST_P(FileStoreFaults, ReadingFailsCleanly) {
  const MemoryDir dir;
  const auto store = Open(dir / "store");
  const std::string bytes = Pattern(2 * 1024 * 1024 + 5);
  const std::vector<std::string> keys = {"a/b/c", "a/d", "e"};
  for (const auto& key : keys) ASSERT_TRUE(PutBytes(*store, Key(key), bytes));
  const uint64_t hit = SweepFaults(GetParam().faults, [&](const CallFaults& faults) {
    const FaultScope scope(faults);
    const auto got = GetBytes(*store, Key("a/b/c"), bytes.size());
    const auto stat = store->Stat(Key("a/d"));
    const auto page = store->List({.limit = 2});
    EXPECT_TRUE(!got || *got == bytes) << scope.first();
    EXPECT_TRUE(!stat || stat->size == bytes.size()) << scope.first();
    if (page) {
      EXPECT_EQ(page->blobs.size(), 2U) << scope.first();
      EXPECT_EQ(page->next_start_after, "a/d") << scope.first();
    }
    for (const auto& code : {CodeOf(got), CodeOf(stat), CodeOf(page)}) {
      EXPECT_NE(code, "not_found") << "a fault is not an absence: " << scope.first();
    }
    return scope.injected();
  });
  EXPECT_GT(hit, GetParam().faults.action == Action::kShorten ? 0U : 8U);
}

TEST_P(FileStoreFaults, OpeningFailsCleanly) {
  const MemoryDir dir;
  int attempts = 0;
  SweepFaults(GetParam().faults, [&](const CallFaults& faults) {
    const auto root = dir / std::to_string(++attempts) / "a/b";
    const FaultScope scope(faults);
    const auto store = file_store::MakeFileBlobStore({.root = root});
    EXPECT_TRUE(store || !store.error().message.empty());
    return scope.injected();
  });
  EXPECT_GT(attempts, 0);
}

INSTANTIATE_TEST_SUITE_P(, FileStoreFaults, ::testing::ValuesIn(kFaults), [](const auto& of) {
  std::string name = of.param.name;
  std::erase(name, ' ');
  return name;
});

TEST(FileStoreFaultTest, SaysWhatToDo) {
  const MemoryDir dir;
  const auto store = Open(dir / "store");
  const auto message = [&](int error_number, const char* call, const char* key) {
    const FaultScope scope({.for_ever = true, .error_number = error_number, .only = call});
    const auto outcome = PutBytes(*store, Key(key), "x");
    return outcome ? "ok" : outcome.error().ToString();
  };
  EXPECT_THAT(message(ENOSPC, "pwrite", "a"),
              ::testing::AllOf(::testing::StartsWith("resource_exhausted"), ::testing::HasSubstr("free some space")));
  EXPECT_THAT(message(EDQUOT, "fsync", "b"),
              ::testing::AllOf(::testing::StartsWith("resource_exhausted"), ::testing::HasSubstr("quota")));
  EXPECT_THAT(message(EROFS, "openat2", "c"),
              ::testing::AllOf(::testing::StartsWith("permission_denied"), ::testing::HasSubstr("read-only")));
  EXPECT_THAT(message(EACCES, "linkat", "d"),
              ::testing::AllOf(::testing::StartsWith("permission_denied"), ::testing::HasSubstr("the right to")));
  EXPECT_THAT(message(EMFILE, "openat2", "e"),
              ::testing::AllOf(::testing::StartsWith("resource_exhausted"), ::testing::HasSubstr("ulimit")));
}

TEST(FileStoreFaultTest, SyncsTheBytesBeforeTheNameAndTheNameBeforeTheAnswer) {
  const MemoryDir dir;
  const auto store = Open(dir / "store");
  ASSERT_TRUE(PutBytes(*store, Key("s/warm"), "x"));
  // The bytes' fsync is the first, the directory's the second; there is none without the other.
  {
    const FaultScope scope({.at = 1, .error_number = EIO, .only = "fsync"});
    EXPECT_EQ(CodeOf(PutBytes(*store, Key("s/a"), "x")), "unavailable");
  }
  EXPECT_EQ(ReadBack(*store, Key("s/a")), "<not_found>") << "named before its bytes were safe";
  {
    const FaultScope scope({.at = 2, .error_number = EIO, .only = "fsync"});
    EXPECT_EQ(CodeOf(PutBytes(*store, Key("s/b"), "x")), "unavailable") << "answered before the name was safe";
  }
  const FaultScope scope({.at = 0, .only = "fsync"});
  EXPECT_EQ(CodeOf(PutBytes(*store, Key("s/c"), "x")), "ok");
  EXPECT_EQ(scope.calls(), 2U);
}

TEST(FileStoreFaultTest, SyncsEveryNewDirectoryInTheOneAbove) {
  const MemoryDir dir;
  const auto store = Open(dir / "store");
  ASSERT_TRUE(PutBytes(*store, Key("warm"), "x"));
  const FaultScope scope({.at = 0, .only = "fsync"});
  EXPECT_EQ(CodeOf(PutBytes(*store, Key("a/b/c/d"), "x")), "ok");
  EXPECT_EQ(scope.calls(), 5U) << "the file, a/b/c, a/b, a, and the root";
}

}  // namespace
}  // namespace seshat::testing
