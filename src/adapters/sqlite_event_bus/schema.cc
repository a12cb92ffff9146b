#include <array>

#include "adapters/sqlite_event_bus/bus_store.h"

namespace seshat::sqlite_event_bus {
namespace {

// Times are nanoseconds since 1970. A delivery's `due` says:
//   waiting (state 0)  when it may be delivered; 0: at once, whatever the clock does meanwhile
//   leased  (state 1)  when the lease ends
//   dead    (state 2)  when it died
// The index by (subscription, state, due) then answers all that is asked: what is ready, what has ended, what
// comes next, how many, and the dead letters in order. The event's number stands behind due in it, as WITHOUT
// ROWID tables do it.
//
// `claims` counts the deliveries of a row for ever, `attempts` those since the last redrive. A handle names
// (subscription, event, claims), so no later delivery has the same; next_event never goes back, so no later
// event has the same number.
constexpr std::array<std::string_view, 1> kSteps = {R"sql(
CREATE TABLE bus (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  next_event INTEGER NOT NULL,
  subscriptions_version INTEGER NOT NULL
) STRICT;
INSERT INTO bus VALUES (1, 1, 0);

CREATE TABLE subscription (
  number INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  max_attempts INTEGER NOT NULL
) STRICT;

CREATE TABLE subscription_type (
  subscription INTEGER NOT NULL REFERENCES subscription,
  type TEXT NOT NULL,
  PRIMARY KEY (subscription, type)
) STRICT, WITHOUT ROWID;

CREATE TABLE event (
  number INTEGER PRIMARY KEY,
  published_at INTEGER NOT NULL,
  id TEXT NOT NULL,
  type TEXT NOT NULL,
  source TEXT NOT NULL,
  subject TEXT NOT NULL,
  time INTEGER NOT NULL,
  traceparent TEXT NOT NULL,
  data TEXT NOT NULL
) STRICT;

CREATE TABLE delivery (
  subscription INTEGER NOT NULL,
  event INTEGER NOT NULL,
  state INTEGER NOT NULL,
  due INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  claims INTEGER NOT NULL,
  max_attempts INTEGER NOT NULL,
  copies INTEGER NOT NULL,
  reason TEXT,
  PRIMARY KEY (subscription, event)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_due ON delivery (subscription, state, due);
)sql"};

}  // namespace

std::span<const std::string_view> BusStore::Schema() { return kSteps; }

}  // namespace seshat::sqlite_event_bus
