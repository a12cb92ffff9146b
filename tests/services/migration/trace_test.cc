// What the tracer is told of a session's way into the store.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ports/span_names.h"
#include "services/migration/lab.h"
#include "support/faulty_ports.h"
#include "support/span_tree.h"

namespace seshat::testing {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

class MigrationTrace : public ::testing::Test {
 protected:
  MigrationTrace() { lab.AddSource(QuickSpec("rig")); }
  memory_source::MemorySource& rig() { return lab.source(); }
  Lab lab;
};

TEST_F(MigrationTrace, GoesFromTheDiscoveryToTheEventOnTheBus) {
  rig().Write("run-1/sensor.bin", std::string(5000, 'x'));
  rig().Write("run-1/metadata.txt", "operator: Ada");
  lab.Settle();

  const auto spans = lab.tracer.spans();
  EXPECT_EQ(CountTraces(spans), 1U);
  EXPECT_THAT(ParentsOf(spans),
              UnorderedElementsAre(Pair("discover session", ""), Pair("upload session", "discover session"),
                                   Pair("commit session", "upload session"),
                                   Pair("send SessionMigratedEvent", "commit session")));
  EXPECT_EQ(spans.size(), 4U);
  for (const auto& span : spans) {
    EXPECT_EQ(AttributeText(span, span_names::kSession), span.name == "commit session" ? "" : "run-1");
    EXPECT_EQ(span.status, SpanStatus::kUnset) << span.name << ": " << span.message;
  }
  const auto discovered = lab.tracer.Named("discover session");
  // It waited for quiet.
  EXPECT_GE(discovered[0].end - discovered[0].start, std::chrono::seconds(5));
  // Consumers go on below the commit; people find the trace by the manifest.
  EXPECT_EQ(lab.Events()[0].traceparent, lab.tracer.Named("commit session")[0].context.ToString());
  EXPECT_EQ(lab.Newest("run-1")->traceparent, discovered[0].context.ToString());
  EXPECT_TRUE(lab.logger.Holds("traceparent=" + lab.tracer.Named("commit session")[0].context.ToString()));
}

TEST_F(MigrationTrace, OfTheNextRevisionIsItsOwn) {
  rig().Write("run-1/a.bin", "a");
  lab.Settle();
  rig().Write("run-1/late.bin", "late");
  lab.Settle();
  EXPECT_EQ(CountTraces(lab.tracer.spans()), 2U);
  EXPECT_THAT(lab.tracer.Named("send SessionMigratedEvent"), ::testing::SizeIs(2));
}

TEST_F(MigrationTrace, AScanThatFindsNothingNewLeavesNoSpan) {
  rig().Write("run-1/a.bin", "a");
  lab.Settle();
  lab.tracer.Clear();
  lab.Settle();
  EXPECT_THAT(lab.tracer.spans(), IsEmpty());
}

TEST_F(MigrationTrace, OnlySlowFilesHaveSpans) {
  rig().Write("run-1/quick.bin", std::string(5000, 'q'));
  rig().Write("run-1/slow.bin", std::string(5000, 's'));
  rig().OnRead([&](std::string_view path) {
    if (path.ends_with("slow.bin")) lab.clock.Advance(std::chrono::seconds(11));
  });
  lab.Settle();
  const auto files = lab.tracer.Named("upload file");
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(AttributeText(files[0], span_names::kFilePath), "slow.bin");
  EXPECT_GE(files[0].end - files[0].start, std::chrono::seconds(11));
  EXPECT_THAT(ParentsOf(lab.tracer.spans()), Contains(Pair("upload file", "upload session")));
}

TEST_F(MigrationTrace, FaultsAreSeenAndTheTraceStaysOne) {
  FaultPlan store_plan({.fail_at = 2});
  FaultyBlobStore store(*lab.writer, store_plan);
  lab.store_front = &store;
  FaultPlan bus_plan({.fail_at = 1});
  FaultyEventBus bus(*lab.bus, bus_plan);
  lab.bus_front = &bus;
  rig().Write("run-1/a.bin", "a");
  lab.Settle();

  const auto spans = lab.tracer.spans();
  EXPECT_EQ(CountTraces(spans), 1U);
  const auto file = lab.tracer.Named("upload file");
  ASSERT_EQ(file.size(), 1U);
  EXPECT_EQ(file[0].status, SpanStatus::kError);
  EXPECT_EQ(AttributeText(file[0], "error.type"), "unavailable");
  const auto uploads = lab.tracer.Named("upload session");
  ASSERT_EQ(uploads.size(), 2U);
  EXPECT_EQ(uploads[0].status, SpanStatus::kError);
  EXPECT_EQ(uploads[1].status, SpanStatus::kUnset);
  const auto sent = lab.tracer.Named("send SessionMigratedEvent");
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[0].status, SpanStatus::kError);
  EXPECT_EQ(sent[1].parent, lab.tracer.Named("commit session").back().context.span_id);
}

TEST_F(MigrationTrace, OfASessionThatLeftTheSourceEndsThere) {
  rig().Write("run-1/a.bin", "a");
  lab.Round();
  rig().Remove("run-1");
  lab.Settle();
  const auto spans = lab.tracer.spans();
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(AttributeText(spans[0], span_names::kOutcome), "gone");
}

}  // namespace
}  // namespace seshat::testing
