#include "adapters/sqlite_event_bus/sqlite_event_bus.h"

#include <mutex>

#include "adapters/sqlite_event_bus/group_writer.h"
#include "ports/event_bus_rules.h"

namespace seshat::sqlite_event_bus {
namespace {

namespace rules = event_bus_rules;
using sqlite_event_bus::BusStore;
using sqlite_event_bus::GroupWriter;

constexpr EventBus::Capabilities kCapabilities{
    .dead_letter_reasons = true, .exact_stats = true, .several_processes = true};

class SqliteEventBus : public EventBus {
 public:
  SqliteEventBus(std::unique_ptr<sqlite::Database> writing, std::unique_ptr<sqlite::Database> reading, Clock& clock,
                 const std::filesystem::path& wake_file)
      : clock_(clock),
        reading_(std::move(reading)),
        read_store_(*reading_),
        writer_(std::move(writing), clock, wake_file) {}

  const Capabilities& capabilities() const override { return kCapabilities; }

  Status EnsureSubscription(const SubscriptionSpec& spec) override {
    SESHAT_TRY(rules::CheckSpec(spec));
    return writer_.Run([&](BusStore& store, Timestamp) { return store.EnsureSubscription(spec); });
  }

  Status Publish(std::span<const Event> events) override {
    SESHAT_TRY(rules::CheckSize(events, kCapabilities.max_event_bytes));
    if (events.empty()) return {};
    return writer_.Run([&](BusStore& store, Timestamp now) { return store.Publish(events, now); });
  }

  Result<std::vector<Delivery>> Receive(std::string_view subscription, const ReceiveOptions& options,
                                        std::stop_token stop) override {
    SESHAT_TRY(rules::CheckReceive(options));
    return writer_.Receive(subscription, options, stop);
  }

  Status Acknowledge(std::string_view subscription, std::span<const std::string> handles) override {
    return OnSubscription(
        subscription, [&](BusStore& store, int64_t number, Timestamp) { return store.Acknowledge(number, handles); });
  }

  Status Retry(std::string_view subscription, std::string_view handle, std::chrono::milliseconds delay,
               std::string_view reason) override {
    SESHAT_TRY(rules::CheckDelay(delay));
    return OnSubscription(subscription, [&](BusStore& store, int64_t number, Timestamp now) {
      return store.Retry(number, handle, delay, reason, now);
    });
  }

  Status Extend(std::string_view subscription, std::string_view handle, std::chrono::milliseconds lease) override {
    SESHAT_TRY(rules::CheckLease(lease));
    return OnSubscription(subscription, [&](BusStore& store, int64_t number, Timestamp now) {
      return store.Extend(number, handle, lease, now);
    });
  }

  Result<DeadLetterPage> DeadLetters(std::string_view subscription, std::string_view start_after,
                                     size_t limit) override {
    SESHAT_TRY(rules::CheckPage(limit));
    DeadLetterPage page;
    SESHAT_TRY(Look(subscription, [&](int64_t number) -> Status {
      SESHAT_ASSIGN(page, read_store_.DeadLetters(number, start_after, limit));
      return {};
    }));
    return page;
  }

  Result<uint64_t> Redrive(std::string_view subscription, std::span<const std::string> ids) override {
    uint64_t redriven = 0;
    SESHAT_TRY(OnSubscription(subscription, [&](BusStore& store, int64_t number, Timestamp now) -> Status {
      SESHAT_TRY(store.Sweep(number, now));
      SESHAT_ASSIGN(redriven, store.Redrive(number, ids));
      return {};
    }));
    return redriven;
  }

  Result<SubscriptionStats> Stats(std::string_view subscription) override {
    SubscriptionStats stats;
    SESHAT_TRY(Look(subscription, [&](int64_t number) -> Status {
      SESHAT_ASSIGN(stats, read_store_.Stats(number, clock_.Now()));
      return {};
    }));
    return stats;
  }

 private:
  template <typename Body>  // Status(BusStore&, int64_t number, Timestamp now)
  Status OnSubscription(std::string_view subscription, const Body& body) {
    return writer_.Run([&](BusStore& store, Timestamp now) -> Status {
      SESHAT_ASSIGN(const int64_t number, store.Find(subscription));
      return body(store, number, now);
    });
  }

  // Reads run beside the writer, so that counting a long queue holds nobody up.
  template <typename Body>  // Status(int64_t number)
  Status Look(std::string_view subscription, const Body& body) {
    SESHAT_TRY(OnSubscription(subscription,
                              [](BusStore& store, int64_t number, Timestamp now) { return store.Sweep(number, now); }));
    const std::lock_guard lock(reading_mutex_);
    return reading_->Snapshot([&]() -> Status {
      SESHAT_TRY(read_store_.Begin());
      SESHAT_ASSIGN(const int64_t number, read_store_.Find(subscription));
      return body(number);
    });
  }

  Clock& clock_;
  std::mutex reading_mutex_;
  std::unique_ptr<sqlite::Database> reading_;
  BusStore read_store_;
  GroupWriter writer_;
};

}  // namespace

Result<std::unique_ptr<EventBus>> MakeSqliteEventBus(const SqliteBusOptions& options, Clock& clock) {
  const sqlite::OpenOptions open{.synchronous = sqlite::Synchronous::kFull, .busy_timeout = options.busy_timeout};
  SESHAT_ASSIGN(auto writing, sqlite::Database::Open(options.path, open));
  SESHAT_TRY(writing->Migrate(BusStore::Schema()));
  SESHAT_ASSIGN(auto reading, sqlite::Database::Open(options.path, open));
  auto wake_file = options.path;
  wake_file += "-wake";
  return std::make_unique<SqliteEventBus>(std::move(writing), std::move(reading), clock, wake_file);
}

}  // namespace seshat::sqlite_event_bus
