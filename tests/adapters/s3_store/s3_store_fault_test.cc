// Every request of a put fails once, in every way, at every place: what is stored afterwards, and what is left behind.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

#include "conformance/blob_store/blob_store_probes.h"
#include "fake_s3.h"
#include "support/fakes.h"

namespace seshat::testing {
namespace {

using conformance::CodeOf;
using conformance::Key;
using conformance::Pattern;
using conformance::ProbeJournal;
using Kind = Fate::Kind;

constexpr uint64_t kPart = 5 << 20;

const std::string& ThreeParts() {
  static const std::string bytes = Pattern(2 * kPart + 100);
  return bytes;
}

// What a write-only role may do.
const std::set<std::string> kAllowed = {"s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"};

PutRequest Resumable(PutJournal& journal, const std::string& state = {}) {
  return {.key = Key("k"), .body = SourceFromBytes(ThreeParts()), .journal = &journal, .resume_state = state};
}

std::vector<Fate> AllFates() {
  return {{Kind::kNotSent},
          {Kind::kLost},
          {Kind::kEchoed},
          {Kind::kAnswered, 500, ErrorBody("InternalError")},
          {Kind::kAnswered, 503, ErrorBody("SlowDown")},
          {Kind::kAnswered, 200, ErrorBody("InternalError")},
          {Kind::kAnswered, 200, "<cut off"},
          {Kind::kAnswered, 403, ErrorBody("AccessDenied")},
          {Kind::kAnswered, 400, ErrorBody("BadDigest")},
          {Kind::kAnswered, 409, ErrorBody("ConditionalRequestConflict")},
          {Kind::kAnswered, 404, ErrorBody("NoSuchUpload")}};
}

// Puts with the n-th request meeting `fate`, then comes back without trouble until the put is done. False when there
// were not so many requests.
bool PutWithOneFault(size_t n, const Fate& fate) {
  FakeS3 server;
  FakeClock clock;
  bool met = false;
  server.fate = [&](size_t number, const http::Request&) {
    if (number != n) return Fate{};
    met = true;
    return fate;
  };
  std::string state;
  std::string last;
  for (int run = 0; run < 3; ++run) {
    ProbeJournal journal;
    const auto store = OpenFake(server, FakeOptions(BlobAccess::kWriteOnly), clock);
    const auto outcome = PutOne(*store, Resumable(journal, state));
    last = CodeOf(outcome);
    if (outcome) break;
    EXPECT_NE(last, "already_exists") << "our own put, not somebody else's";
    if (!journal.state().empty()) state = journal.state();
    if (last == "not_found" || last == "data_loss") state.clear();
  }
  EXPECT_EQ(last, "ok");
  EXPECT_TRUE(server.objects["k"].bytes == ThreeParts());
  for (const auto& [id, upload] : server.uploads)
    EXPECT_TRUE(upload.parts.empty()) << "parts were left behind in " << id;
  for (const std::string& operation : server.operations) EXPECT_TRUE(kAllowed.contains(operation)) << operation;
  return met;
}

TEST(S3StoreFault, AResumablePutSurvivesEveryFaultAtEveryRequest) {
  for (const Fate& fate : AllFates()) {
    size_t n = 1;
    for (; n < 50; ++n) {
      SCOPED_TRACE(fmt::format("request {}, fate {} {} {}", n, int(fate.kind), fate.status, fate.body));
      if (!PutWithOneFault(n, fate)) break;
    }
    EXPECT_GT(n, 5U) << "create, three parts, complete";
    EXPECT_LT(n, 50U);
  }
}

TEST(S3StoreFault, ASinglePutSurvivesEveryFault) {
  for (const Fate& fate : AllFates()) {
    for (const BlobAccess access : {BlobAccess::kWriteOnly, BlobAccess::kReadWrite}) {
      SCOPED_TRACE(fmt::format("fate {} {} {}", int(fate.kind), fate.status, fate.body));
      FakeS3 server;
      FakeClock clock;
      server.fate = [&](size_t number, const http::Request&) { return number == 1 ? fate : Fate{}; };
      const auto store = OpenFake(server, FakeOptions(access), clock);
      auto outcome = PutBytes(*store, Key("k"), "bytes");
      if (!outcome) {
        EXPECT_NE(CodeOf(outcome), "already_exists") << "not in the first answer";
        outcome = PutBytes(*store, Key("k"), "bytes");
        // "kAlreadyExists with your own digest is your own write"
        EXPECT_TRUE(outcome || outcome.error().code == ErrorCode::kAlreadyExists) << CodeOf(outcome);
      }
      if (fate.status != 200) {
        EXPECT_EQ(server.objects["k"].bytes, "bytes");
      }
    }
  }
}

TEST(S3StoreFault, AnEchoedSinglePutIsRecognizedByAReader) {
  FakeS3 server;
  FakeClock clock;
  server.fate = [](size_t number, const http::Request&) { return number == 1 ? Fate{Kind::kEchoed} : Fate{}; };
  const auto store = OpenFake(server, FakeOptions(), clock);
  EXPECT_EQ(CodeOf(PutBytes(*store, Key("k"), "bytes")), "ok");
  server.objects["other"].bytes = "theirs";
  server.fate = [](size_t number, const http::Request&) { return number == 3 ? Fate{Kind::kEchoed} : Fate{}; };
  EXPECT_EQ(CodeOf(PutBytes(*store, Key("other"), "ours")), "already_exists");
}

TEST(S3StoreFault, ALostCompleteIsResolvedInTheSamePut) {
  FakeS3 server;
  FakeClock clock;
  server.fate = [](size_t, const http::Request& request) {
    return !Header(request.headers, "if-none-match").empty() ? Fate{Kind::kLost} : Fate{};
  };
  ProbeJournal journal;
  const auto store = OpenFake(server, FakeOptions(BlobAccess::kWriteOnly), clock);
  EXPECT_EQ(CodeOf(PutOne(*store, Resumable(journal))), "ok");
  EXPECT_EQ(server.Count("GET", "uploadId"), 1U) << "one look at the parts tells";
}

// Leaves a put whose Complete was sent, and nobody knows with what result.
std::string LeaveCompleting(FakeS3& server, Clock& clock, Kind kind) {
  bool dead = false;
  server.fate = [&, kind](size_t, const http::Request& request) {
    if (dead) return Fate{Kind::kNotSent};
    dead = !Header(request.headers, "if-none-match").empty();
    return dead ? Fate{kind} : Fate{};
  };
  ProbeJournal journal;
  const auto store = OpenFake(server, FakeOptions(BlobAccess::kWriteOnly), clock);
  EXPECT_EQ(CodeOf(PutOne(*store, Resumable(journal))), "unavailable");
  server.fate = {};
  EXPECT_NE(journal.state().find("completing"), std::string::npos);
  return journal.state();
}

TEST(S3StoreFault, AnotherHandsAbortIsNotTakenForSuccess) {
  for (const bool taken : {false, true}) {
    FakeS3 server;
    FakeClock clock;
    const std::string state = LeaveCompleting(server, clock, Kind::kNotSent);
    // The bucket's rule removes the upload, days later.
    server.uploads.clear();
    clock.Advance(std::chrono::hours(24 * 7));
    if (taken) server.objects["k"].bytes = "theirs";
    ProbeJournal journal;
    EXPECT_EQ(CodeOf(PutOne(*OpenFake(server, FakeOptions(BlobAccess::kWriteOnly), clock), Resumable(journal, state))),
              "not_found");
    EXPECT_EQ(CodeOf(PutOne(*OpenFake(server, FakeOptions(), clock), Resumable(journal, state))),
              taken ? "already_exists" : "not_found");
  }
}

TEST(S3StoreFault, AReaderKnowsItsOwnObjectEvenDaysLater) {
  FakeS3 server;
  FakeClock clock;
  const std::string state = LeaveCompleting(server, clock, Kind::kLost);
  clock.Advance(std::chrono::hours(24 * 7));
  ProbeJournal journal;
  EXPECT_EQ(CodeOf(PutOne(*OpenFake(server, FakeOptions(), clock), Resumable(journal, state))), "ok");
}

TEST(S3StoreFault, SomebodyElsesObjectIsSeenAfterALostComplete) {
  FakeS3 server;
  FakeClock clock;
  const std::string state = LeaveCompleting(server, clock, Kind::kNotSent);
  server.objects["k"].bytes = "theirs";
  for (int again = 0; again < 2; ++again) {
    ProbeJournal journal;
    EXPECT_EQ(CodeOf(PutOne(*OpenFake(server, FakeOptions(), clock), Resumable(journal, again ? "" : state))),
              "already_exists");
    if (!again) {
      EXPECT_NE(journal.state().find(" open"), std::string::npos) << "taken back before the abort";
    }
  }
  EXPECT_TRUE(server.uploads.empty());
}

TEST(S3StoreFault, AConflictAtCompleteBeginsANewUpload) {
  FakeS3 server;
  FakeClock clock;
  bool once = false;
  server.fate = [&](size_t, const http::Request& request) {
    if (once || Header(request.headers, "if-none-match").empty()) return Fate{};
    once = true;
    return Fate{Kind::kAnswered, 409, ErrorBody("ConditionalRequestConflict")};
  };
  ProbeJournal journal;
  EXPECT_EQ(CodeOf(PutOne(*OpenFake(server, FakeOptions(BlobAccess::kWriteOnly), clock), Resumable(journal))), "ok");
  EXPECT_EQ(server.Count("POST", "uploads="), 2U);
  EXPECT_EQ(server.Count("DELETE", "uploadId"), 1U) << "the first upload is aborted";
  EXPECT_TRUE(server.uploads.empty());
}

TEST(S3StoreFault, NothingStaysOfAPutWhoseStateCouldNotBeSaved) {
  FakeS3 server;
  FakeClock clock;
  ProbeJournal journal(1);
  EXPECT_FALSE(PutOne(*OpenFake(server, FakeOptions(BlobAccess::kWriteOnly), clock), Resumable(journal)));
  EXPECT_EQ(server.Count("POST", "uploads="), 1U);
  EXPECT_TRUE(server.uploads.empty());
}

TEST(S3StoreFault, NothingStaysOfAFailedPutWithoutAJournal) {
  FakeS3 server;
  FakeClock clock;
  server.fate = [](size_t number, const http::Request&) { return number == 3 ? Fate{Kind::kNotSent} : Fate{}; };
  const auto store = OpenFake(server, FakeOptions(BlobAccess::kWriteOnly), clock);
  EXPECT_EQ(CodeOf(PutOne(*store, {.key = Key("k"), .body = SourceFromBytes(ThreeParts())})), "unavailable");
  EXPECT_TRUE(server.uploads.empty());
  EXPECT_TRUE(server.objects.empty());
}

TEST(S3StoreFault, AResumedPutSendsOnlyWhatIsMissing) {
  FakeS3 server;
  FakeClock clock;
  server.fate = [](size_t number, const http::Request&) { return number == 4 ? Fate{Kind::kNotSent} : Fate{}; };
  ProbeJournal journal;
  const auto store = OpenFake(server, FakeOptions(BlobAccess::kWriteOnly), clock);
  EXPECT_EQ(CodeOf(PutOne(*store, Resumable(journal))), "unavailable");
  const size_t there = server.uploads.begin()->second.parts.size();
  const size_t before = server.Count("PUT", "partNumber");
  server.fate = {};
  ProbeJournal again;
  EXPECT_EQ(CodeOf(PutOne(*store, Resumable(again, journal.state()))), "ok");
  EXPECT_EQ(server.Count("PUT", "partNumber") - before, 3 - there);
}

TEST(S3StoreFault, PartsWithoutAChecksumAreSentAgain) {
  FakeS3 server;
  FakeClock clock;
  server.tells_checksums = false;
  ProbeJournal journal(2);
  const auto store = OpenFake(server, FakeOptions(BlobAccess::kWriteOnly), clock);
  EXPECT_FALSE(PutOne(*store, Resumable(journal)));
  ProbeJournal again;
  EXPECT_EQ(CodeOf(PutOne(*store, Resumable(again, journal.state()))), "ok");
  EXPECT_EQ(server.Count("PUT", "partNumber"), 6U);
}

TEST(S3StoreFault, APartThatTheServerHasOfOtherBytesIsReplaced) {
  FakeS3 server;
  FakeClock clock;
  ProbeJournal journal(2);
  const auto store = OpenFake(server, FakeOptions(BlobAccess::kWriteOnly), clock);
  EXPECT_FALSE(PutOne(*store, Resumable(journal)));
  server.uploads.begin()->second.parts[2].bytes = std::string(kPart, 'x');
  ProbeJournal again;
  EXPECT_EQ(CodeOf(PutOne(*store, Resumable(again, journal.state()))), "ok");
  EXPECT_TRUE(server.objects["k"].bytes == ThreeParts());
  EXPECT_EQ(server.Count("PUT", "partNumber"), 4U);
}

}  // namespace
}  // namespace seshat::testing
