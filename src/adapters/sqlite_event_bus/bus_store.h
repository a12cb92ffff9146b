// The bus as tables: every statement that the sqlite event bus runs. Internal to this adapter.
//
//   event      one row for each event that some subscription still needs
//   delivery   one row for each (subscription, event) not yet acknowledged, in one of three states
//
// What a method means is in ports/event_bus.h. All of them run inside a transaction begun with Begin().
// Thread safety: one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platform/sqlite/database.h"
#include "ports/event_bus.h"

namespace seshat::sqlite_event_bus {

class BusStore {
 public:
  explicit BusStore(sqlite::Database& db) : db_(db) {}
  static std::span<const std::string_view> Schema();

  // First and last in a transaction: the counters and the list of subscriptions.
  Status Begin();
  Status Finish();
  // The transaction was rolled back: what was remembered of it is not so.
  void Forget() { subscriptions_version_ = -1; }

  Status EnsureSubscription(const SubscriptionSpec& spec);
  Result<int64_t> Find(std::string_view name) const;  // the subscription's number, or kNotFound
  Status Publish(std::span<const Event> events, Timestamp now);
  Result<std::vector<Delivery>> Claim(int64_t subscription, size_t max_events, std::chrono::milliseconds lease,
                                      Timestamp now);
  // When an event of the subscription, delayed or leased, next becomes deliverable or dead.
  Result<std::optional<Timestamp>> NextDue(int64_t subscription);
  Status Acknowledge(int64_t subscription, std::span<const std::string> handles);
  Status Retry(int64_t subscription, std::string_view handle, std::chrono::milliseconds delay, std::string_view reason,
               Timestamp now);
  Status Extend(int64_t subscription, std::string_view handle, std::chrono::milliseconds lease, Timestamp now);
  // Moves events whose last lease has ended to the dead letters.
  Status Sweep(int64_t subscription, Timestamp now);
  Result<DeadLetterPage> DeadLetters(int64_t subscription, std::string_view start_after, size_t limit);
  Result<uint64_t> Redrive(int64_t subscription, std::span<const std::string> ids);
  Result<SubscriptionStats> Stats(int64_t subscription, Timestamp now);

  // True where something became deliverable, or will sooner than it would have, since Begin().
  bool stirred() const { return stirred_; }

 private:
  struct Subscription {
    int64_t number = 0;
    SubscriptionSpec spec;
    bool Wants(std::string_view type) const;
  };
  struct Row {  // of delivery
    int64_t event = 0;
    int64_t attempts = 0;
    int64_t claims = 0;
    int64_t max_attempts = 0;
  };

  Status LoadSubscriptions();
  Status InsertEvent(const Event& event, int64_t copies, Timestamp now);
  Status CollectReady(int64_t subscription, size_t max_events, Timestamp now, std::vector<Row>& rows);
  Status TakeEnded(int64_t subscription, size_t max_events, Timestamp now, std::vector<Row>& rows);
  Status Kill(int64_t subscription, int64_t event, Timestamp died_at, std::string_view reason);
  Result<std::optional<Row>> FindLeased(int64_t subscription, std::string_view handle, Timestamp now);
  Result<Event> ReadEvent(int64_t event);
  Result<uint64_t> Count(int64_t subscription, int64_t state);

  sqlite::Database& db_;
  std::vector<Subscription> subscriptions_;
  int64_t subscriptions_version_ = -1;
  int64_t next_event_ = 0;
  int64_t next_event_stored_ = 0;
  bool stirred_ = false;
};

}  // namespace seshat::sqlite_event_bus
