// What the tracer is told of a session's indexing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ports/span_names.h"
#include "services/indexing/indexing_lab.h"
#include "support/span_tree.h"

namespace seshat::testing {
namespace {

using ::testing::SizeIs;

TEST(IndexingTrace, OneSpanForEachSessionOfABatchWithItsOtherEventsAsLinks) {
  IndexingLab lab;
  auto events = {lab.PutSession({.id = "s"}), lab.PutReceipt("s", "a.bin", "copy-1"), lab.PutSession({.id = "t"})};
  lab.Publish(events);
  const auto service = lab.MakeService();
  lab.Drain(*service);
  const auto spans = lab.tracer.Named("index session");
  ASSERT_THAT(spans, SizeIs(2));
  EXPECT_EQ(AttributeText(spans[0], span_names::kSession), "s");
  EXPECT_EQ(spans[0].kind, SpanKind::kConsumer);
  EXPECT_THAT(spans[0].links, SizeIs(1));
  EXPECT_THAT(spans[1].links, SizeIs(0));
  EXPECT_EQ(CountTraces(spans), 1U);
  const TraceContext cause = TraceContext::Parse(events.begin()->traceparent).value();
  EXPECT_EQ(spans[0].parent, cause.span_id);
  const auto announced = lab.Announced();
  ASSERT_THAT(announced, SizeIs(2));
  EXPECT_EQ(announced[0].traceparent, spans[0].context.ToString());
  // The document is made from what is stored alone.
  EXPECT_EQ(lab.Documents().at("s").traceparent, events.begin()->traceparent);
}

TEST(IndexingTrace, FaultsAreSeen) {
  IndexingLab lab;
  const Event event = lab.PutSession({.id = "s"});
  Event other = event;
  SessionMigrated migrated = SessionMigrated::FromData(event.data).value();
  migrated.revision = 7;  // which is not stored
  other.data = migrated.ToData();
  lab.Publish({other});
  const auto service = lab.MakeService();
  lab.Drain(*service);
  const auto spans = lab.tracer.Named("index session");
  ASSERT_FALSE(spans.empty());
  EXPECT_EQ(spans[0].status, SpanStatus::kError);
}

TEST(IndexingTrace, ASessionThatIsIndexedByHandIsInItsOwnTrace) {
  IndexingLab lab;
  const Event event = lab.PutSession({.id = "s"});
  ASSERT_TRUE(lab.MakeService()->IndexSession(SessionId::Parse("s").value(), {}));
  const auto spans = lab.tracer.Named("index session");
  ASSERT_THAT(spans, SizeIs(1));
  EXPECT_EQ(spans[0].context.trace_id, TraceContext::Parse(event.traceparent)->trace_id);
}

}  // namespace
}  // namespace seshat::testing
