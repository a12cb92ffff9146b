#include "ports/event_bus_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/utf8.h"

namespace seshat::event_bus_rules {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kMaxLease = std::chrono::hours(12);

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

// Never less than what EncodeEvent makes of it: JSON escapes one byte with six at most.
size_t MostEncodedBytes(const Event& event) {
  constexpr size_t kFieldNames = 512;
  return kFieldNames + 6 * (event.id.size() + event.type.size() + event.source.size() + event.subject.size() +
                            event.traceparent.size() + event.data.size());
}

}  // namespace

Status CheckSpec(const SubscriptionSpec& spec) {
  if (spec.name.empty() || spec.name.size() > 64 || !std::ranges::all_of(spec.name, IsNameCharacter))
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("a subscription's name is 1 to 64 of A-Z a-z 0-9 _ -, not '{}'",
                            EscapeForTerminal(spec.name.substr(0, 100))));
  if (spec.max_attempts < 1 || spec.max_attempts > 1000)
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("max_attempts of a subscription is 1 to 1000, not {}", spec.max_attempts));
  return {};
}

Status CheckReceive(const ReceiveOptions& options) {
  if (options.max_events < 1 || options.max_events > 1000)
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("1 to 1000 events are received at once, not {}", options.max_events));
  if (options.wait < milliseconds(0) || options.wait > std::chrono::seconds(20))
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("events are waited for 0 to 20000 ms, not {}", options.wait.count()));
  return CheckLease(options.lease);
}

Status CheckDelay(milliseconds delay) {
  if (delay >= milliseconds(0) && delay <= kMaxLease) return {};
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("an event is delivered again after 0 ms to 12 h, not {} ms", delay.count()));
}

Status CheckLease(milliseconds lease) {
  if (lease >= milliseconds(1) && lease <= kMaxLease) return {};
  return Fail(ErrorCode::kInvalidArgument, fmt::format("a lease is 1 ms to 12 h, not {} ms", lease.count()));
}

Status CheckPage(size_t limit) {
  if (limit >= 1 && limit <= 1000) return {};
  return Fail(ErrorCode::kInvalidArgument, fmt::format("a page holds 1 to 1000 dead letters, not {}", limit));
}

Status CheckSize(std::span<const Event> events, size_t max_event_bytes) {
  for (const Event& event : events) {
    if (MostEncodedBytes(event) <= max_event_bytes) continue;
    const size_t size = records::EncodeEvent(event).size();
    if (size > max_event_bytes)
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("event '{}' has {} bytes, the bus carries {}: put the content into the blob store "
                              "and send its key",
                              EscapeForTerminal(event.id.substr(0, 100)), size, max_event_bytes));
  }
  return {};
}

Error NoSubscription(std::string_view name) {
  return {ErrorCode::kNotFound, fmt::format("no subscription '{}': make it first (EnsureSubscription)",
                                            EscapeForTerminal(name.substr(0, 100)))};
}

}  // namespace seshat::event_bus_rules
