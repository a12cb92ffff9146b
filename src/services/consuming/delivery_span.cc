#include "services/consuming/delivery_span.h"

#include "ports/span_names.h"

namespace seshat::consuming {

Span StartSpan(Tracer& tracer, std::string_view name, std::string_view subscription, const Delivery& delivery) {
  Span span = tracer.Continue(name, delivery.event.traceparent, {.kind = SpanKind::kConsumer});
  span.Set(span_names::kMessagingSystem, "seshat");
  span.Set(span_names::kMessagingOperation, "process");
  span.Set(span_names::kMessagingDestination, delivery.event.type);
  span.Set(span_names::kMessagingSubscription, subscription);
  span.Set(span_names::kMessagingMessageId, delivery.event.id);
  span.Set(span_names::kSession, delivery.event.subject);
  span.Set("seshat.delivery.attempt", delivery.attempt);
  return span;
}

}  // namespace seshat::consuming
