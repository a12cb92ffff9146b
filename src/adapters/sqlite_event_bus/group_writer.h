// Group commit: one thread runs the requests of all others, as many as have gathered, in one transaction, so
// that they share one fsync. A consumer that finds nothing is parked with the writer and served by the very
// transaction that publishes what it wants.
//
// Errors: a transaction that fails is rolled back and its requests are run again one by one, so that nobody
// fails for another's sake; except kUnavailable (lock, I/O), which all of them get at once, parked consumers
// included. Internal to the sqlite event bus.
//
// Thread safety: Run and Receive from any thread; the destructor when no call is under way.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "adapters/sqlite_event_bus/bus_store.h"
#include "adapters/sqlite_event_bus/wake_word.h"
#include "ports/clock.h"

namespace seshat::sqlite_event_bus {

class GroupWriter {
 public:
  // `db` is the writer's alone from here on.
  GroupWriter(std::unique_ptr<sqlite::Database> db, Clock& clock, const std::filesystem::path& wake_file);
  ~GroupWriter();
  GroupWriter(const GroupWriter&) = delete;
  GroupWriter& operator=(const GroupWriter&) = delete;

  // Runs `body` with the time of its transaction, and returns when that is durable. The body may run more than
  // once and must start from scratch each time; it answers an error before it writes anything, or passes on
  // one of the database.
  using Body = std::function<Status(BusStore&, Timestamp now)>;
  Status Run(const Body& body);

  // As EventBus::Receive.
  Result<std::vector<Delivery>> Receive(std::string_view subscription, const ReceiveOptions& options,
                                        const std::stop_token& stop);

 private:
  enum class State : uint32_t { kQueued, kTaken, kParked, kDone };
  struct Request {
    const Body* body = nullptr;  // null: a Receive
    std::string_view subscription;
    ReceiveOptions options;
    std::vector<Delivery> deliveries;
    std::optional<Timestamp> next_due;  // as of the last look
    bool looked = false;                // at what is there, in the current transaction
    bool sooner = false;                // next_due moved forward: the caller's sleep is too long
    std::stop_source wake;              // ends the caller's sleep while parked
    Status result;
    std::atomic<State> state{State::kQueued};
  };
  // Shared, as the writer still wakes the caller through the request when that has seen the result already.
  using Pointer = std::shared_ptr<Request>;
  using Requests = std::vector<Pointer>;

  void Enqueue(const Pointer& request);
  bool Unpark(const Pointer& request);
  bool SleepParked(const Pointer& request, std::chrono::steady_clock::time_point deadline, const std::stop_token& stop);
  void WriteLoop();
  void ListenLoop();
  Requests TakeBatch();
  void Commit(const Requests& batch);
  Status Attempt(std::span<const Pointer> batch);
  Status RunBodies(std::span<const Pointer> batch, Timestamp now);
  Status ServeConsumers(std::span<const Pointer> batch, Timestamp now);
  void Finish(const Requests& batch, bool stirred);

  std::unique_ptr<sqlite::Database> db_;
  BusStore store_;
  Clock& clock_;
  WakeWord wake_word_;

  std::mutex mutex_;
  std::condition_variable work_;    // for the writer: queue_, look_again_, stopping_
  std::condition_variable listen_;  // for the listener: listening_, stopping_
  Requests queue_;
  Requests parked_;
  bool look_again_ = false;  // something may have become deliverable behind our back
  bool listening_ = false;   // the listener is to wait for a change of the word from word_seen_
  bool stopping_ = false;
  uint32_t word_seen_ = 0;
  size_t last_batch_ = 0;  // this and the next: the writer's own
  bool looking_again_ = true;

  std::jthread writer_;
  std::jthread listener_;
};

}  // namespace seshat::sqlite_event_bus
