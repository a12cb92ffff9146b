#include "conformance/tracer/tracer_suite.h"

#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <thread>

namespace seshat::conformance {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr std::string_view kElsewhere = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

// What was handed on, in the order of names. Of a tracer that keeps nothing: nothing, which is checked here.
std::vector<FinishedSpan> After(TracerHarness& h) {
  EXPECT_TRUE(h.tracer().Flush(seconds(10)));
  auto spans = h.Exported();
  if (!h.tracer().capabilities().keeps) {
    EXPECT_TRUE(spans.empty()) << "it says that it keeps nothing";
    EXPECT_EQ(h.tracer().dropped(), 0U);
  }
  std::ranges::sort(spans, {}, &FinishedSpan::name);
  return spans;
}

bool Keeps(TracerHarness& h) { return h.tracer().capabilities().keeps; }

void SpansArriveOnceWhenTheyEnd(TracerHarness& h) {
  {
    const Span open = h.tracer().Start("work");
    EXPECT_EQ(open.recording(), Keeps(h));
    EXPECT_TRUE(After(h).empty());
  }
  {
    Span ended = h.tracer().Start("ended early");
    ended.End();
    ended.End();
    ended.Set("late", true);
    const Span moved = std::move(ended);
  }
  const auto spans = After(h);
  if (!Keeps(h)) return;
  ASSERT_EQ(spans.size(), 2U);
  EXPECT_EQ(spans[0].name, "ended early");
  EXPECT_TRUE(spans[0].attributes.empty());
  EXPECT_EQ(spans[1].name, "work");
}

void EverythingSaidArrives(TracerHarness& h) {
  const TraceContext other = TraceContext::Parse(kElsewhere).value();
  {
    Span span = h.tracer().Start("process", {.kind = SpanKind::kConsumer});
    span.Set("text", "Zürich \xE4\xB8\xAD \"quoted\"\n");
    span.Set("empty", "");
    span.Set("whole", std::numeric_limits<int64_t>::min());
    span.Set("number", 0.1);
    span.Set("flag", true);
    span.Link(other);
    span.SetError({ErrorCode::kUnavailable, "the store is away"});
  }
  const auto spans = After(h);
  if (!Keeps(h)) return;
  ASSERT_EQ(spans.size(), 1U);
  const FinishedSpan& span = spans[0];
  EXPECT_EQ(span.name, "process");
  EXPECT_EQ(span.kind, SpanKind::kConsumer);
  EXPECT_EQ(span.status, SpanStatus::kError);
  EXPECT_EQ(span.message, "the store is away");
  const std::vector<SpanAttribute> expected = {{"text", std::string("Zürich \xE4\xB8\xAD \"quoted\"\n")},
                                               {"empty", std::string()},
                                               {"whole", std::numeric_limits<int64_t>::min()},
                                               {"number", 0.1},
                                               {"flag", true},
                                               {"error.type", std::string("unavailable")}};
  EXPECT_TRUE(span.attributes == expected);
  EXPECT_EQ(span.links, std::vector{other});
}

void TimesAreThoseOfTheClock(TracerHarness& h) {
  const Timestamp begin = h.Now();
  {
    const Span span = h.tracer().Start("measured");
    const Span earlier = h.tracer().Start("began earlier", {.start = begin - seconds(90)});
    const Span later = h.tracer().Start("begins in the future", {.start = begin + seconds(90)});
    h.Advance(milliseconds(1500) + nanoseconds(7));
  }
  const auto spans = After(h);
  if (!Keeps(h)) return;
  ASSERT_EQ(spans.size(), 3U);
  EXPECT_EQ(spans[0].start, begin - seconds(90));
  EXPECT_EQ(spans[0].end, begin + milliseconds(1500) + nanoseconds(7));
  EXPECT_EQ(spans[1].start, spans[1].end);
  EXPECT_EQ(spans[2].start, begin);
  EXPECT_EQ(spans[2].end, begin + milliseconds(1500) + nanoseconds(7));
}

void ChildrenAreBelowTheirParents(TracerHarness& h) {
  {
    const Span root = h.tracer().Start("a root");
    Span child = root.Child("b child", SpanKind::kClient);
    const Span grandchild = child.Child("c grandchild");
    EXPECT_EQ(grandchild.context().trace_id, root.context().trace_id);
    child.End();
  }
  const auto spans = After(h);
  if (!Keeps(h)) return;
  ASSERT_EQ(spans.size(), 3U);
  EXPECT_FALSE(spans[0].parent);
  EXPECT_EQ(spans[1].parent, spans[0].context.span_id);
  EXPECT_EQ(spans[1].kind, SpanKind::kClient);
  EXPECT_EQ(spans[2].parent, spans[1].context.span_id);
  std::set<std::array<std::byte, 8>> ids;
  for (const auto& span : spans) {
    EXPECT_EQ(span.context.trace_id, spans[0].context.trace_id);
    ids.insert(span.context.span_id);
  }
  EXPECT_EQ(ids.size(), 3U);
}

void ATraceGoesOnFromText(TracerHarness& h) {
  const TraceContext parent = TraceContext::Parse(kElsewhere).value();
  {
    const Span span = h.tracer().Continue("a goes on", kElsewhere);
    EXPECT_EQ(TraceContext::Parse(span.traceparent())->trace_id, parent.trace_id);
    const Span fresh = h.tracer().Continue("b begins", "no traceparent");
    EXPECT_NE(fresh.context().trace_id, parent.trace_id);
    EXPECT_TRUE(TraceContext::Parse(fresh.traceparent()));
    const Span known = h.tracer().Start("c has its ids", {.self = parent});
    EXPECT_EQ(known.traceparent(), kElsewhere);
  }
  const auto spans = After(h);
  if (!Keeps(h)) return;
  ASSERT_EQ(spans.size(), 3U);
  EXPECT_EQ(spans[0].context.trace_id, parent.trace_id);
  EXPECT_EQ(spans[0].parent, parent.span_id);
  EXPECT_NE(spans[0].context.span_id, parent.span_id);
  EXPECT_FALSE(spans[1].parent);
  EXPECT_EQ(spans[2].context, parent);
  EXPECT_FALSE(spans[2].parent);
}

void WhatIsNotSampledIsNotKept(TracerHarness& h) {
  std::string text(kElsewhere);
  text.back() = '0';
  {
    const Span quiet = h.tracer().Continue("not sampled", text);
    EXPECT_FALSE(quiet.recording());
    EXPECT_EQ(quiet.traceparent(), text);
    const Span below = quiet.Child("nor its children");
    EXPECT_EQ(below.traceparent(), text);
    const Span none = Span().Child("of nobody");
    EXPECT_EQ(none.traceparent(), "");
    const Span kept = h.tracer().Start("kept");
  }
  const auto spans = After(h);
  EXPECT_EQ(spans.size(), Keeps(h) ? 1U : 0U);
}

void BoundsOfOneSpanAreCounted(TracerHarness& h) {
  {
    Span span = h.tracer().Start(std::string(2 * kMaxSpanTextBytes, 'n'));
    for (size_t i = 0; i < kMaxSpanAttributes + 3; ++i) span.Set("a" + std::to_string(i), i);
    span.Set("a0", "again");
    for (size_t i = 0; i < kMaxSpanLinks + 2; ++i) span.Link(TraceContext::Parse(kElsewhere).value());
    span.SetError({ErrorCode::kInternal, "\xFF" + std::string(kMaxSpanTextBytes - 4, 'x') + "\xE4\xB8\xAD"});
  }
  const auto spans = After(h);
  if (!Keeps(h)) return;
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(spans[0].name.size(), kMaxSpanTextBytes);
  ASSERT_EQ(spans[0].attributes.size(), kMaxSpanAttributes);
  EXPECT_EQ(spans[0].attributes[0].value, SpanAttribute("", std::string("again")).value);
  EXPECT_EQ(spans[0].dropped_attributes, 4U);  // three, and "error.type"
  EXPECT_EQ(spans[0].links.size(), kMaxSpanLinks);
  EXPECT_EQ(spans[0].dropped_links, 2U);
  // The invalid byte became three, and the last character was not cut in two.
  EXPECT_EQ(spans[0].message, "\xEF\xBF\xBD" + std::string(kMaxSpanTextBytes - 4, 'x'));
}

void WhatIsHeldIsBoundedAndDropsAreCounted(TracerHarness& h) {
  const size_t count = h.too_many();
  const Span root = h.tracer().Start("root");
  for (size_t i = 0; i < count; ++i) const Span span = root.Child("many");
  const auto spans = After(h);
  if (!Keeps(h)) return;
  EXPECT_LT(spans.size(), count);
  EXPECT_GT(h.tracer().dropped(), 0U);
  EXPECT_EQ(spans.size() + h.tracer().dropped(), count);
}

void SeveralThreadsAtATime(TracerHarness& h) {
  constexpr size_t kThreads = 4;
  constexpr size_t kEach = 5;
  {
    const Span root = h.tracer().Start("root");
    std::vector<std::jthread> threads;
    for (size_t t = 0; t < kThreads; ++t)
      threads.emplace_back([&] {
        for (size_t i = 0; i < kEach; ++i) {
          Span span = root.Child("part");
          span.Set("i", i);
        }
      });
  }
  const auto spans = After(h);
  if (!Keeps(h)) return;
  ASSERT_EQ(spans.size() + h.tracer().dropped(), 1 + kThreads * kEach);
  std::set<std::array<std::byte, 8>> ids;
  for (const auto& span : spans) ids.insert(span.context.span_id);
  EXPECT_EQ(ids.size(), spans.size());
  EXPECT_EQ(h.tracer().dropped(), 0U);
}

constexpr Case<TracerHarness> kCases[] = {
    {"SpansArriveOnceWhenTheyEnd", SpansArriveOnceWhenTheyEnd},
    {"EverythingSaidArrives", EverythingSaidArrives},
    {"TimesAreThoseOfTheClock", TimesAreThoseOfTheClock},
    {"ChildrenAreBelowTheirParents", ChildrenAreBelowTheirParents},
    {"ATraceGoesOnFromText", ATraceGoesOnFromText},
    {"WhatIsNotSampledIsNotKept", WhatIsNotSampledIsNotKept},
    {"BoundsOfOneSpanAreCounted", BoundsOfOneSpanAreCounted},
    {"WhatIsHeldIsBoundedAndDropsAreCounted", WhatIsHeldIsBoundedAndDropsAreCounted},
    {"SeveralThreadsAtATime", SeveralThreadsAtATime},
};

}  // namespace

std::span<const Case<TracerHarness>> TracerCases() { return kCases; }

}  // namespace seshat::conformance
