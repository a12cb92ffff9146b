// What the tracer is told of a file's processing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ports/span_names.h"
#include "services/processing/lab.h"
#include "support/span_tree.h"

namespace seshat::testing {
namespace {

using ::testing::Each;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

TEST(ProcessingTrace, GoesOnFromTheEventToTheReceipt) {
  Lab lab;
  lab.AddSession("s", {{"a.bin", "x"}, {"b.bin", "y"}});
  lab.RunUntilQuiet(*lab.Service());
  const auto spans = lab.tracer.spans();
  EXPECT_EQ(CountTraces(spans), 1U);
  EXPECT_THAT(ParentsOf(spans),
              UnorderedElementsAre(Pair("plan processing", "?"), Pair("process file", "plan processing"),
                                   Pair("fetch input", "process file"), Pair("run processor", "process file"),
                                   Pair("store outputs", "process file")));
  const auto files = lab.tracer.Named("process file");
  ASSERT_THAT(files, SizeIs(2));
  EXPECT_EQ(files[0].kind, SpanKind::kConsumer);
  EXPECT_EQ(AttributeText(files[0], span_names::kSession), "s");
  EXPECT_EQ(AttributeText(files[0], span_names::kProcessor), "copy");
  EXPECT_EQ(AttributeText(files[0], span_names::kMessagingDestination), "FileProcessingRequestedEvent");
  for (const Receipt& receipt : lab.Receipts("s"))
    EXPECT_EQ(TraceContext::Parse(receipt.traceparent)->trace_id, files[0].context.trace_id);
}

TEST(ProcessingTrace, EachAttemptHasItsSpanAndSaysWhatFailed) {
  processing::ProcessorSpec spec = CopySpec();
  spec.max_attempts = 2;
  Lab lab({.processors = {spec}, .function = [](const ProcessorRun&, const std::stop_token&) -> Result<RunReport> {
             return RunReport{.exit_status = 3, .log_tail = "operator: a secret name"};
           }});
  lab.AddSession("s", {{"a.bin", "x"}});
  lab.RunUntilQuiet(*lab.Service());
  const auto runs = lab.tracer.Named("run processor");
  ASSERT_THAT(runs, SizeIs(2));
  EXPECT_EQ(runs[0].status, SpanStatus::kError);
  EXPECT_EQ(AttributeText(runs[0], "seshat.run.end"), "failed");
  for (const auto& span : lab.tracer.Named("process file")) EXPECT_EQ(span.status, SpanStatus::kError);
  for (const auto& span : lab.tracer.spans()) EXPECT_EQ(span.message.find("secret"), std::string::npos);
}

}  // namespace
}  // namespace seshat::testing
