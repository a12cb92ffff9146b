#include "ports/tracer.h"

#include <algorithm>
#include <utility>

#include "core/base/utf8.h"

namespace seshat {
namespace {

bool IsSampled(const TraceContext& context) { return (context.flags & 1U) != 0; }

// Valid UTF-8 of at most kMaxSpanTextBytes, cut between two characters.
std::string SpanText(std::string_view raw) {
  std::string text = ReplaceInvalidUtf8(raw.substr(0, kMaxSpanTextBytes + 4));
  if (text.size() <= kMaxSpanTextBytes) return text;
  size_t end = kMaxSpanTextBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  text.resize(end);
  return text;
}

bool IsNone(const TraceContext& context) { return context.span_id == TraceContext{}.span_id; }

}  // namespace

Span Tracer::Start(std::string_view name, const SpanOptions& options) {
  Span span;
  const bool sampled = IsSampled(options.self.value_or(options.parent.value_or(TraceContext{})));
  if (!capabilities().keeps || !sampled) {
    span.context_ = options.self ? *options.self : options.parent ? *options.parent : NewTrace(random_);
    return span;
  }
  span.context_ = options.self     ? *options.self
                  : options.parent ? ChildSpan(random_, *options.parent)
                                   : NewTrace(random_);
  span.record_ = std::make_unique<Span::Record>(Span::Record{.tracer = *this,
                                                             .span = {.name = SpanText(name),
                                                                      .kind = options.kind,
                                                                      .context = span.context_,
                                                                      .start = options.start.value_or(clock_.Now())},
                                                             .begun = clock_.SteadyNow(),
                                                             .begun_now = !options.start});
  if (options.parent) span.record_->span.parent = options.parent->span_id;
  return span;
}

Span Tracer::Continue(std::string_view name, std::string_view traceparent, SpanOptions options) {
  if (const auto parent = TraceContext::Parse(traceparent)) options.parent = *parent;
  return Start(name, options);
}

Span& Span::operator=(Span&& other) noexcept {
  if (this == &other) return *this;
  End();
  context_ = other.context_;
  record_ = std::move(other.record_);
  return *this;
}

Span Span::OfTraceparent(std::string_view traceparent) {
  Span span;
  if (const auto context = TraceContext::Parse(traceparent)) span.context_ = *context;
  return span;
}

std::string Span::traceparent() const { return IsNone(context_) ? std::string() : context_.ToString(); }

void Span::Keep(const LogField& field) {
  auto& attributes = record_->span.attributes;
  auto it = std::ranges::find(attributes, field.name, &SpanAttribute::name);
  if (it == attributes.end()) {
    if (attributes.size() == kMaxSpanAttributes) {
      ++record_->span.dropped_attributes;
      return;
    }
    it = attributes.insert(it, {.name = SpanText(field.name), .value = {}});
  }
  if (const auto* text = std::get_if<std::string_view>(&field.value)) {
    it->value = SpanText(*text);
  } else if (const auto* whole = std::get_if<int64_t>(&field.value)) {
    it->value = *whole;
  } else if (const auto* number = std::get_if<double>(&field.value)) {
    it->value = *number;
  } else {
    it->value = std::get<bool>(field.value);
  }
}

void Span::Link(const TraceContext& other) {
  if (!record_ || IsNone(other)) return;
  auto& span = record_->span;
  if (span.links.size() == kMaxSpanLinks) {
    ++span.dropped_links;
  } else {
    span.links.push_back(other);
  }
}

void Span::SetError(const Error& error) {
  if (!record_) return;
  record_->span.status = SpanStatus::kError;
  record_->span.message = SpanText(error.message);
  Set("error.type", ErrorCodeName(error.code));
}

Span Span::Child(std::string_view name, SpanKind kind, std::optional<Timestamp> start) const {
  if (record_) return record_->tracer.Start(name, {.kind = kind, .parent = context_, .start = start});
  Span child;
  child.context_ = context_;
  return child;
}

void Span::Finish() {
  const std::unique_ptr<Record> record = std::move(record_);
  FinishedSpan& span = record->span;
  const Clock& clock = record->tracer.clock_;
  // Measured, since the wall clock may be set back meanwhile.
  span.end = record->begun_now
                 ? span.start + std::chrono::duration_cast<std::chrono::nanoseconds>(clock.SteadyNow() - record->begun)
                 : clock.Now();
  span.end = std::max(span.end, span.start);
  record->tracer.Take(std::move(span));
}

}  // namespace seshat
