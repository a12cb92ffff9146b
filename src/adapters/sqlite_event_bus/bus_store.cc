#include "adapters/sqlite_event_bus/bus_store.h"

#include <algorithm>

#include "adapters/sqlite_event_bus/handle.h"
#include "ports/event_bus_rules.h"

namespace seshat::sqlite_event_bus {
namespace {

using std::chrono::nanoseconds;

// A thousand events of 256 KiB each would fill the memory of a small machine.
constexpr size_t kMaxBytesAtOnce = 8 * 1024 * 1024;

int64_t ToNumber(Timestamp time) { return time.time_since_epoch().count(); }
Timestamp ToTimestamp(int64_t number) { return Timestamp(nanoseconds(number)); }

}  // namespace

bool BusStore::Subscription::Wants(std::string_view type) const {
  return spec.types.empty() || std::ranges::find(spec.types, type) != spec.types.end();
}

Status BusStore::Begin() {
  stirred_ = false;
  int64_t version = 0;
  {
    SESHAT_ASSIGN(auto q, db_.Prepare("SELECT next_event, subscriptions_version FROM bus"));
    SESHAT_ASSIGN(const bool row, q.Step());
    if (!row) return Fail(ErrorCode::kDataLoss, "the event bus has lost its counters: restore bus.db");
    next_event_ = next_event_stored_ = q.Int(0);
    version = q.Int(1);
  }
  if (version == subscriptions_version_) return {};
  SESHAT_TRY(LoadSubscriptions());
  subscriptions_version_ = version;
  return {};
}

Status BusStore::Finish() {
  if (next_event_ == next_event_stored_) return {};
  SESHAT_ASSIGN(auto q, db_.Prepare("UPDATE bus SET next_event = ?"));
  return q.Bind(next_event_).Run();
}

Status BusStore::LoadSubscriptions() {
  std::vector<Subscription> loaded;
  SESHAT_ASSIGN(auto q, db_.Prepare("SELECT number, name, max_attempts FROM subscription ORDER BY number"));
  SESHAT_ASSIGN(auto types, db_.Prepare("SELECT type FROM subscription_type WHERE subscription = ?"));
  while (true) {
    SESHAT_ASSIGN(const bool row, q.Step());
    if (!row) break;
    Subscription s;
    s.number = q.Int(0);
    s.spec.name = q.Text(1);
    s.spec.max_attempts = static_cast<uint32_t>(q.Int(2));
    types.Reset();
    types.Bind(s.number);
    while (true) {
      SESHAT_ASSIGN(const bool more, types.Step());
      if (!more) break;
      s.spec.types.emplace_back(types.Text(0));
    }
    loaded.push_back(std::move(s));
  }
  subscriptions_ = std::move(loaded);
  return {};
}

Result<int64_t> BusStore::Find(std::string_view name) const {
  for (const auto& s : subscriptions_)
    if (s.spec.name == name) return s.number;
  return std::unexpected(event_bus_rules::NoSubscription(name));
}

Status BusStore::EnsureSubscription(const SubscriptionSpec& spec) {
  auto types = spec.types;
  std::ranges::sort(types);
  types.erase(std::ranges::unique(types).begin(), types.end());
  const auto same = [&](const Subscription& s) {
    return s.spec.name == spec.name && s.spec.max_attempts == spec.max_attempts && s.spec.types == types;
  };
  if (std::ranges::any_of(subscriptions_, same)) return {};
  {
    SESHAT_ASSIGN(auto q, db_.Prepare("INSERT INTO subscription (name, max_attempts) VALUES (?, ?) "
                                      "ON CONFLICT (name) DO UPDATE SET max_attempts = excluded.max_attempts"));
    SESHAT_TRY(q.Bind(spec.name).Bind(spec.max_attempts).Run());
  }
  SESHAT_TRY(LoadSubscriptions());
  SESHAT_ASSIGN(const int64_t number, Find(spec.name));
  {
    SESHAT_ASSIGN(auto q, db_.Prepare("DELETE FROM subscription_type WHERE subscription = ?"));
    SESHAT_TRY(q.Bind(number).Run());
  }
  for (const auto& type : types) {
    SESHAT_ASSIGN(auto q, db_.Prepare("INSERT INTO subscription_type VALUES (?, ?)"));
    SESHAT_TRY(q.Bind(number).Bind(type).Run());
  }
  SESHAT_ASSIGN(auto q, db_.Prepare("UPDATE bus SET subscriptions_version = subscriptions_version + 1"));
  SESHAT_TRY(q.Run());
  Forget();
  return LoadSubscriptions();
}

Status BusStore::InsertEvent(const Event& event, int64_t copies, Timestamp now) {
  const int64_t number = next_event_++;
  {
    SESHAT_ASSIGN(auto q, db_.Prepare("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    q.Bind(number).Bind(ToNumber(now)).Bind(event.id).Bind(event.type).Bind(event.source).Bind(event.subject);
    SESHAT_TRY(q.Bind(ToNumber(event.time)).Bind(event.traceparent).Bind(event.data).Run());
  }
  SESHAT_ASSIGN(auto q, db_.Prepare("INSERT INTO delivery VALUES (?, ?, 0, 0, 0, 0, ?, ?, NULL)"));
  for (const auto& s : subscriptions_) {
    if (!s.Wants(event.type)) continue;
    q.Reset();
    SESHAT_TRY(q.Bind(s.number).Bind(number).Bind(s.spec.max_attempts).Bind(copies).Run());
  }
  stirred_ = true;
  return {};
}

Status BusStore::Publish(std::span<const Event> events, Timestamp now) {
  for (const Event& event : events) {
    const auto copies = std::ranges::count_if(subscriptions_, [&](const auto& s) { return s.Wants(event.type); });
    if (copies > 0) SESHAT_TRY(InsertEvent(event, copies, now));
  }
  return {};
}

// Events whose lease has ended: those on their last attempt die, the others may be delivered again.
Status BusStore::TakeEnded(int64_t subscription, size_t max_events, Timestamp now, std::vector<Row>& rows) {
  std::vector<std::pair<int64_t, int64_t>> died;  // event, when
  {
    SESHAT_ASSIGN(auto q, db_.Prepare("SELECT event, attempts, claims, max_attempts, due FROM delivery "
                                      "WHERE subscription = ? AND state = 1 AND due <= ? ORDER BY due"));
    q.Bind(subscription).Bind(ToNumber(now));
    while (rows.size() < max_events) {
      SESHAT_ASSIGN(const bool row, q.Step());
      if (!row) break;
      if (q.Int(1) >= q.Int(3)) {
        died.emplace_back(q.Int(0), q.Int(4));
      } else {
        rows.push_back({q.Int(0), q.Int(1), q.Int(2), q.Int(3)});
      }
    }
  }
  for (const auto& [event, when] : died) SESHAT_TRY(Kill(subscription, event, ToTimestamp(when), ""));
  return {};
}

// Delayed events whose time has come go before fresh ones: there is an end to them.
Status BusStore::CollectReady(int64_t subscription, size_t max_events, Timestamp now, std::vector<Row>& rows) {
  for (const char* sql : {"SELECT event, attempts, claims, max_attempts FROM delivery "
                          "WHERE subscription = ? AND state = 0 AND due > 0 AND due <= ? ORDER BY due LIMIT ?",
                          "SELECT event, attempts, claims, max_attempts FROM delivery "
                          "WHERE subscription = ? AND state = 0 AND due = 0 AND event < ? ORDER BY event LIMIT ?"}) {
    if (rows.size() >= max_events) return {};
    const bool fresh = std::string_view(sql).contains("due = 0");
    SESHAT_ASSIGN(auto q, db_.Prepare(sql));
    q.Bind(subscription).Bind(fresh ? next_event_ : ToNumber(now)).Bind(max_events - rows.size());
    while (true) {
      SESHAT_ASSIGN(const bool row, q.Step());
      if (!row) break;
      rows.push_back({q.Int(0), q.Int(1), q.Int(2), q.Int(3)});
    }
  }
  return {};
}

Result<std::vector<Delivery>> BusStore::Claim(int64_t subscription, size_t max_events, std::chrono::milliseconds lease,
                                              Timestamp now) {
  std::vector<Row> rows;
  SESHAT_TRY(TakeEnded(subscription, max_events, now, rows));
  SESHAT_TRY(CollectReady(subscription, max_events, now, rows));
  std::vector<Delivery> deliveries;
  deliveries.reserve(rows.size());
  if (rows.empty()) return deliveries;
  SESHAT_ASSIGN(auto q, db_.Prepare("UPDATE delivery SET state = 1, due = ?, attempts = ?, claims = ? "
                                    "WHERE subscription = ? AND event = ?"));
  size_t bytes = 0;
  for (const Row& row : rows) {
    if (bytes >= kMaxBytesAtOnce) break;
    q.Reset();
    q.Bind(ToNumber(now + lease)).Bind(row.attempts + 1).Bind(row.claims + 1);
    SESHAT_TRY(q.Bind(subscription).Bind(row.event).Run());
    SESHAT_ASSIGN(auto event, ReadEvent(row.event));
    bytes += event.data.size();
    deliveries.push_back({std::move(event), MakeHandle(subscription, row.event, row.claims + 1),
                          static_cast<uint32_t>(row.attempts + 1)});
  }
  return deliveries;
}

Result<Event> BusStore::ReadEvent(int64_t event) {
  SESHAT_ASSIGN(auto q, db_.Prepare("SELECT id, type, source, subject, time, traceparent, data FROM event "
                                    "WHERE number = ?"));
  SESHAT_ASSIGN(const bool row, q.Bind(event).Step());
  if (!row) return Fail(ErrorCode::kDataLoss, "an event on the bus has lost its content: restore bus.db");
  Event e;
  e.id = q.Text(0);
  e.type = q.Text(1);
  e.source = q.Text(2);
  e.subject = q.Text(3);
  e.time = ToTimestamp(q.Int(4));
  e.traceparent = q.Text(5);
  e.data = q.Text(6);
  return e;
}

Result<std::optional<Timestamp>> BusStore::NextDue(int64_t subscription) {
  std::optional<Timestamp> next;
  SESHAT_ASSIGN(auto q, db_.Prepare("SELECT due FROM delivery WHERE subscription = ? AND state = ? AND due > 0 "
                                    "ORDER BY due LIMIT 1"));
  for (const int64_t state : {0, 1}) {
    q.Reset();
    SESHAT_ASSIGN(const bool row, q.Bind(subscription).Bind(state).Step());
    if (row && (!next || ToTimestamp(q.Int(0)) < *next)) next = ToTimestamp(q.Int(0));
  }
  return next;
}

Status BusStore::Acknowledge(int64_t subscription, std::span<const std::string> handles) {
  for (const auto& text : handles) {
    const auto handle = ParseHandle(subscription, text);
    if (!handle) continue;
    int64_t copies = 0;
    {
      SESHAT_ASSIGN(auto q, db_.Prepare("SELECT copies FROM delivery "
                                        "WHERE subscription = ? AND event = ? AND claims = ?"));
      SESHAT_ASSIGN(const bool row, q.Bind(subscription).Bind(handle->event).Bind(handle->claims).Step());
      if (!row) continue;
      copies = q.Int(0);
    }
    {
      SESHAT_ASSIGN(auto q, db_.Prepare("DELETE FROM delivery WHERE subscription = ? AND event = ?"));
      SESHAT_TRY(q.Bind(subscription).Bind(handle->event).Run());
    }
    if (copies == 1) {
      SESHAT_ASSIGN(auto q, db_.Prepare("DELETE FROM event WHERE number = ?"));
      SESHAT_TRY(q.Bind(handle->event).Run());
    } else {
      SESHAT_ASSIGN(auto q, db_.Prepare("DELETE FROM event WHERE number = ?1 AND NOT EXISTS "
                                        "(SELECT 1 FROM subscription s JOIN delivery d "
                                        "ON d.subscription = s.number AND d.event = ?1)"));
      SESHAT_TRY(q.Bind(handle->event).Run());
    }
  }
  return {};
}

Result<std::optional<BusStore::Row>> BusStore::FindLeased(int64_t subscription, std::string_view text, Timestamp now) {
  const auto handle = ParseHandle(subscription, text);
  if (!handle) return std::nullopt;
  SESHAT_ASSIGN(auto q, db_.Prepare("SELECT event, attempts, claims, max_attempts FROM delivery "
                                    "WHERE subscription = ? AND event = ? AND claims = ? AND state = 1 AND due > ?"));
  q.Bind(subscription).Bind(handle->event).Bind(handle->claims).Bind(ToNumber(now));
  SESHAT_ASSIGN(const bool row, q.Step());
  if (!row) return std::nullopt;
  return Row{q.Int(0), q.Int(1), q.Int(2), q.Int(3)};
}

Status BusStore::Retry(int64_t subscription, std::string_view handle, std::chrono::milliseconds delay,
                       std::string_view reason, Timestamp now) {
  SESHAT_ASSIGN(const auto row, FindLeased(subscription, handle, now));
  if (!row) return {};
  if (row->attempts >= row->max_attempts) return Kill(subscription, row->event, now, reason);
  stirred_ = true;
  SESHAT_ASSIGN(auto q, db_.Prepare("UPDATE delivery SET state = 0, due = ? WHERE subscription = ? AND event = ?"));
  const int64_t due = delay.count() == 0 ? 0 : ToNumber(now + delay);
  return q.Bind(due).Bind(subscription).Bind(row->event).Run();
}

Status BusStore::Extend(int64_t subscription, std::string_view handle, std::chrono::milliseconds lease, Timestamp now) {
  SESHAT_ASSIGN(const auto row, FindLeased(subscription, handle, now));
  if (!row) return Fail(ErrorCode::kNotFound, "the lease has ended and the event may be elsewhere: drop this work");
  stirred_ = true;  // the new lease may be the shorter one
  SESHAT_ASSIGN(auto q, db_.Prepare("UPDATE delivery SET due = ? WHERE subscription = ? AND event = ?"));
  return q.Bind(ToNumber(now + lease)).Bind(subscription).Bind(row->event).Run();
}

Status BusStore::Kill(int64_t subscription, int64_t event, Timestamp died_at, std::string_view reason) {
  SESHAT_ASSIGN(auto q, db_.Prepare("UPDATE delivery SET state = 2, due = ?, reason = ? "
                                    "WHERE subscription = ? AND event = ?"));
  return q.Bind(ToNumber(died_at)).Bind(reason).Bind(subscription).Bind(event).Run();
}

Status BusStore::Sweep(int64_t subscription, Timestamp now) {
  std::vector<std::pair<int64_t, int64_t>> died;
  {
    SESHAT_ASSIGN(auto q, db_.Prepare("SELECT event, due FROM delivery WHERE subscription = ? AND state = 1 "
                                      "AND due <= ? AND attempts >= max_attempts"));
    q.Bind(subscription).Bind(ToNumber(now));
    while (true) {
      SESHAT_ASSIGN(const bool row, q.Step());
      if (!row) break;
      died.emplace_back(q.Int(0), q.Int(1));
    }
  }
  for (const auto& [event, when] : died) SESHAT_TRY(Kill(subscription, event, ToTimestamp(when), ""));
  return {};
}

Result<DeadLetterPage> BusStore::DeadLetters(int64_t subscription, std::string_view start_after, size_t limit) {
  std::array<int64_t, 2> after{INT64_MIN, 0};
  if (!start_after.empty()) {
    const auto parsed = ParseNumbers<2>(start_after);
    if (!parsed)
      return Fail(ErrorCode::kInvalidArgument,
                  "not a place in the list of dead letters: pass next_start_after of the page before");
    after = *parsed;
  }
  DeadLetterPage page;
  SESHAT_ASSIGN(auto q, db_.Prepare("SELECT event, attempts, reason, due FROM delivery WHERE subscription = ? "
                                    "AND state = 2 AND (due, event) > (?, ?) ORDER BY due, event LIMIT ?"));
  q.Bind(subscription).Bind(after[0]).Bind(after[1]).Bind(limit + 1);
  std::string last;
  size_t bytes = 0;
  while (true) {
    SESHAT_ASSIGN(const bool row, q.Step());
    if (!row) return page;
    if (page.letters.size() == limit || bytes >= kMaxBytesAtOnce) break;
    DeadLetter letter;
    letter.id = fmt::format("{}", q.Int(0));
    letter.attempts = static_cast<uint32_t>(q.Int(1));
    letter.reason = q.Text(2);
    letter.died_at = ToTimestamp(q.Int(3));
    SESHAT_ASSIGN(letter.event, ReadEvent(q.Int(0)));
    bytes += letter.event.data.size();
    last = fmt::format("{}.{}", q.Int(3), q.Int(0));
    page.letters.push_back(std::move(letter));
  }
  page.next_start_after = std::move(last);
  return page;
}

Result<uint64_t> BusStore::Redrive(int64_t subscription, std::span<const std::string> ids) {
  stirred_ = true;
  if (ids.empty()) {
    SESHAT_ASSIGN(auto q, db_.Prepare("UPDATE delivery SET state = 0, due = 0, attempts = 0, reason = NULL "
                                      "WHERE subscription = ? AND state = 2"));
    SESHAT_TRY(q.Bind(subscription).Run());
    return static_cast<uint64_t>(db_.changes());
  }
  uint64_t redriven = 0;
  for (const auto& id : ids) {
    const auto event = ParseNumbers<1>(id);
    if (!event) continue;
    SESHAT_ASSIGN(auto q, db_.Prepare("UPDATE delivery SET state = 0, due = 0, attempts = 0, reason = NULL "
                                      "WHERE subscription = ? AND event = ? AND state = 2"));
    SESHAT_TRY(q.Bind(subscription).Bind((*event)[0]).Run());
    redriven += static_cast<uint64_t>(db_.changes());
  }
  return redriven;
}

Result<uint64_t> BusStore::Count(int64_t subscription, int64_t state) {
  SESHAT_ASSIGN(auto q, db_.Prepare("SELECT count(*) FROM delivery WHERE subscription = ? AND state = ?"));
  SESHAT_TRY(q.Bind(subscription).Bind(state).Step());
  return static_cast<uint64_t>(q.Int(0));
}

Result<SubscriptionStats> BusStore::Stats(int64_t subscription, Timestamp now) {
  SubscriptionStats stats;
  SESHAT_ASSIGN(stats.ready, Count(subscription, 0));
  SESHAT_ASSIGN(stats.in_flight, Count(subscription, 1));
  SESHAT_ASSIGN(stats.dead, Count(subscription, 2));
  {
    // Sweep has made the hopeless ones dead; the others with an ended lease wait for their next consumer.
    SESHAT_ASSIGN(auto q, db_.Prepare("SELECT count(*) FROM delivery "
                                      "WHERE subscription = ? AND state = 1 AND due <= ?"));
    SESHAT_TRY(q.Bind(subscription).Bind(ToNumber(now)).Step());
    stats.in_flight -= static_cast<uint64_t>(q.Int(0));
    stats.ready += static_cast<uint64_t>(q.Int(0));
  }
  SESHAT_ASSIGN(auto q, db_.Prepare("SELECT e.published_at FROM delivery d JOIN event e ON e.number = d.event "
                                    "WHERE d.subscription = ? AND d.state < 2 ORDER BY d.event LIMIT 1"));
  SESHAT_ASSIGN(const bool row, q.Bind(subscription).Step());
  if (row)
    stats.oldest_age = std::max(std::chrono::milliseconds(0),
                                std::chrono::duration_cast<std::chrono::milliseconds>(now - ToTimestamp(q.Int(0))));
  return stats;
}

}  // namespace seshat::sqlite_event_bus
