#include "core/records/event.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/base/trace_context.h"
#include "support/generators.h"

namespace seshat::records {
namespace {

using ::seshat::testing::AnyBytes;
using ::seshat::testing::AnyName;
using ::seshat::testing::AnySha256;
using ::seshat::testing::AnyText;
using ::seshat::testing::AnyTimestamp;
using ::seshat::testing::Maybe;
using ::testing::HasSubstr;

auto Fields(const Event& e) { return std::tuple(e.id, e.type, e.source, e.subject, e.time, e.traceparent, e.data); }

template <typename T>
Result<T> ThereAndBack(const T& fact) {
  // Through the envelope as well: that is the way that it goes.
  const auto event = DecodeEvent(EncodeEvent({.id = "1", .type = std::string(T::kType), .data = fact.ToData()}));
  if (!event) return std::unexpected(event.error());
  if (event->data != fact.ToData()) return Fail(ErrorCode::kInternal, "the envelope changed the data");
  return T::FromData(event->data);
}

RC_GTEST_PROP(EventTest, EnvelopeComesBack, ()) {
  SessionIndexed fact{*AnyText(), *rc::gen::arbitrary<uint32_t>()};
  const Event e{*AnyText(), *AnyText(), *AnyText(), *AnyText(), *AnyTimestamp(), *AnyText(), fact.ToData()};
  const auto back = DecodeEvent(EncodeEvent(e));
  RC_ASSERT(back.has_value());
  RC_ASSERT(Fields(*back) == Fields(e));
  RC_ASSERT(EncodeEvent(*back) == EncodeEvent(e));
}

RC_GTEST_PROP(EventTest, SessionMigratedComesBack, ()) {
  const SessionMigrated fact{*AnyText(), *rc::gen::arbitrary<uint32_t>(), *AnyText(), *AnySha256(), *AnyText()};
  const auto back = ThereAndBack(fact);
  RC_ASSERT(back.has_value());
  RC_ASSERT(std::tie(back->session_id, back->revision, back->manifest_key, back->manifest_sha256, back->source) ==
            std::tie(fact.session_id, fact.revision, fact.manifest_key, fact.manifest_sha256, fact.source));
}

RC_GTEST_PROP(EventTest, FileProcessingRequestedComesBack, ()) {
  FileProcessingRequested fact{*AnyText(), *rc::gen::arbitrary<uint32_t>(), *AnyText(),   *AnyBytes(),
                               *AnyText(), *rc::gen::arbitrary<uint64_t>(), *AnySha256(), *AnyText(),
                               *AnyText()};
  const auto back = ThereAndBack(fact);
  RC_ASSERT(back.has_value());
  RC_ASSERT(std::tie(back->session_id, back->revision, back->manifest_key, back->path, back->raw_key, back->size) ==
            std::tie(fact.session_id, fact.revision, fact.manifest_key, fact.path, fact.raw_key, fact.size));
  RC_ASSERT(std::tie(back->sha256, back->processor, back->version) ==
            std::tie(fact.sha256, fact.processor, fact.version));
}

RC_GTEST_PROP(EventTest, FileProcessedComesBack, ()) {
  const auto outcome = *rc::gen::element(ProcessingOutcome::kSucceeded, ProcessingOutcome::kFailed);
  const FileProcessed fact{*AnyText(), *AnyBytes(), *AnyText(), *AnyText(), *AnyText(), outcome};
  const auto back = ThereAndBack(fact);
  RC_ASSERT(back.has_value());
  RC_ASSERT(std::tie(back->session_id, back->path, back->processor, back->version, back->receipt_key, back->outcome) ==
            std::tie(fact.session_id, fact.path, fact.processor, fact.version, fact.receipt_key, fact.outcome));
}

RC_GTEST_PROP(EventTest, HeartbeatComesBack, ()) {
  const SourceHeartbeat fact{*AnyText(),
                             *AnyText(),
                             *rc::gen::arbitrary<uint64_t>(),
                             *rc::gen::arbitrary<uint64_t>(),
                             *AnyText(),
                             *Maybe(AnyTimestamp())};
  const auto back = ThereAndBack(fact);
  RC_ASSERT(back.has_value());
  RC_ASSERT(std::tie(back->source, back->host, back->backlog_sessions, back->backlog_bytes, back->last_session,
                     back->last_migrated_at) == std::tie(fact.source, fact.host, fact.backlog_sessions,
                                                         fact.backlog_bytes, fact.last_session, fact.last_migrated_at));
}

// Whatever comes in, an answer comes out, and what was understood can be said again.
template <typename T>
void TryData(const std::string& text) {
  if (const auto fact = T::FromData(text)) {
    RC_ASSERT(T::FromData(fact->ToData()).has_value());
  } else {
    RC_ASSERT(fact.error().code == ErrorCode::kDataLoss);
  }
}

void TryAll(const std::string& text) {
  if (const auto event = DecodeEvent(text)) {
    RC_ASSERT(DecodeEvent(EncodeEvent(*event)).has_value());
  } else {
    RC_ASSERT(event.error().code == ErrorCode::kDataLoss);
  }
  TryData<SessionMigrated>(text);
  TryData<FileProcessingRequested>(text);
  TryData<FileProcessed>(text);
  TryData<SessionIndexed>(text);
  TryData<SourceHeartbeat>(text);
}

RC_GTEST_PROP(EventTest, HostileBytesAreAnswered, ()) { TryAll(*AnyBytes()); }

RC_GTEST_PROP(EventTest, DamagedEventsAreAnswered, ()) {
  const SessionMigrated migrated{*AnyName(), 1, *AnyName(), *AnySha256(), *AnyName()};
  const FileProcessed processed{*AnyName(), *AnyBytes(), "p", "1", *AnyName(), ProcessingOutcome::kFailed};
  std::string text = *rc::gen::element(EncodeEvent({.id = "1", .type = "t", .source = "s", .data = migrated.ToData()}),
                                       migrated.ToData(), processed.ToData(),
                                       SourceHeartbeat{"s", "h", 1, 2, "x", Timestamp()}.ToData());
  const auto at = *rc::gen::inRange<size_t>(0, text.size());
  switch (*rc::gen::inRange(0, 4)) {
    case 0:
      text.resize(at);
      break;
    case 1:
      text[at] = *rc::gen::arbitrary<char>();
      break;
    case 2:
      text.erase(at, *rc::gen::inRange<size_t>(1, 20));
      break;
    default:
      text.insert(at, *AnyBytes());
  }
  TryAll(text);
}

TEST(EventTest, NamesTheFieldThatIsOff) {
  const auto message = [](std::string_view text) {
    const auto event = DecodeEvent(text);
    return event ? std::string("understood") : event.error().message;
  };
  EXPECT_THAT(message("[]"), HasSubstr("not a JSON object"));
  EXPECT_THAT(message("{}"), HasSubstr("specversion"));
  EXPECT_THAT(message(R"({"specversion":"2.0","id":"1"})"), HasSubstr("specversion"));
  EXPECT_THAT(message(R"({"specversion":"1.0"})"), HasSubstr("'id'"));
  EXPECT_THAT(message(R"({"specversion":"1.0","id":1})"), HasSubstr("'id'"));
  const std::string head = R"({"specversion":"1.0","id":"1","type":"t","source":"s",)";
  EXPECT_THAT(message(head + R"("time":"soon","data":{}})"), HasSubstr("'time'"));
  EXPECT_THAT(message(head + R"("time":"2026-11-23T00:00:00Z"})"), HasSubstr("'data'"));
  EXPECT_THAT(message(head + R"("time":"2026-11-23T00:00:00Z","data":"x"})"), HasSubstr("'data'"));
  EXPECT_EQ(message(head + R"("time":"2026-11-23T00:00:00Z","data":{},"other":[1]})"), "understood");
}

TEST(EventTest, DeepNestingIsRefused) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_FALSE(DecodeEvent(deep));
  EXPECT_FALSE(SessionIndexed::FromData("{\"session_id\":" + deep + "}"));
}

TEST(EventTest, RevisionsThatDoNotFitAreRefused) {
  for (const auto* revision : {"4294967296", "-1", "1.5", "1e300", "99999999999999999999", "null", "\"1\""}) {
    const auto indexed = SessionIndexed::FromData(std::string(R"({"session_id":"s","revision":)") + revision + "}");
    EXPECT_FALSE(indexed) << revision;
  }
  EXPECT_EQ(SessionIndexed::FromData(R"({"session_id":"s","revision":4294967295})").value().revision, 4294967295U);
}

TEST(EventTest, UnknownOutcomeIsRefused) {
  auto text = FileProcessed{"s", "p", "x", "1", "k", ProcessingOutcome::kSucceeded}.ToData();
  EXPECT_TRUE(FileProcessed::FromData(text));
  text.replace(text.find("succeeded"), 9, "perhaps");
  EXPECT_FALSE(FileProcessed::FromData(text));
}

RC_GTEST_PROP(TraceContextTest, ComesBack, ()) {
  const auto random = *rc::gen::container<std::array<std::byte, 24>>(
      rc::gen::map(rc::gen::arbitrary<uint8_t>(), [](uint8_t b) { return std::byte{b}; }));
  const auto trace = TraceContext::FromRandom(random);
  const auto back = TraceContext::Parse(trace.ToString());
  RC_ASSERT(back.has_value());
  RC_ASSERT(back->ToString() == trace.ToString());
  RC_ASSERT(back->TraceIdHex().size() == 32U);
  const auto child = trace.Child(std::span(random).first<8>());
  RC_ASSERT(child.trace_id == trace.trace_id);
  RC_ASSERT(TraceContext::Parse(child.ToString()).has_value());
}

RC_GTEST_PROP(TraceContextTest, HostileBytesAreAnswered, ()) {
  std::string text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const auto at = *rc::gen::inRange<size_t>(0, text.size());
  text.replace(at, *rc::gen::inRange<size_t>(0, 10), *AnyBytes());
  const auto trace = TraceContext::Parse(text);
  if (trace) RC_ASSERT(TraceContext::Parse(trace->ToString()).has_value());
}

TEST(TraceContextTest, AllZeroRandomnessStillMakesAValidOne) {
  const std::array<std::byte, 24> zeros{};
  EXPECT_TRUE(TraceContext::Parse(TraceContext::FromRandom(zeros).ToString()));
  EXPECT_TRUE(TraceContext::Parse(TraceContext::FromRandom(zeros).Child(std::span(zeros).first<8>()).ToString()));
}

TEST(TraceContextTest, RefusesWhatTheStandardRefuses) {
  const std::string trace = "0af7651916cd43dd8448eb211c80319c";
  const std::string span = "b7ad6b7169203331";
  EXPECT_TRUE(TraceContext::Parse("00-" + trace + "-" + span + "-00"));
  EXPECT_TRUE(TraceContext::Parse("cc-" + trace + "-" + span + "-01-what-the-future-will-be-like"));
  for (const auto& text :
       {"ff-" + trace + "-" + span + "-01", "00-" + trace + "-" + span + "-01-more",
        "00-" + std::string(32, '0') + "-" + span + "-01", "00-" + trace + "-" + std::string(16, '0') + "-01",
        "cc-" + trace + "-" + span + "-01.what", "00-" + trace + "-" + span, std::string()})
    EXPECT_FALSE(TraceContext::Parse(text)) << text;
}

}  // namespace
}  // namespace seshat::records
