// What a running PutAll or GetAll shares between its requests: the client, how many may be in flight, and memory.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "adapters/s3_store/concurrency.h"
#include "core/base/bytes.h"
#include "platform/http/client.h"
#include "ports/clock.h"

namespace seshat::s3_store {

class Flow {
 public:
  Flow(http::Client& client, Clock& clock, size_t most)
      : client_(client), clock_(clock), controller_(most), refused_(client.throttled()) {}

  // Whether one more request may begin now.
  bool room() { return controller_.MayBegin(client_.in_flight(), clock_.SteadyNow()); }
  // The last answer of `room` was no, and time alone changes it.
  bool paced() const { return controller_.paced(); }
  bool idle() const { return client_.in_flight() == 0; }
  // Requests end up in the controller's books, then in `done`.
  http::RequestId Send(http::Request request, http::Done done);
  void Cancel(http::RequestId id) { client_.Cancel(id); }
  void Poll(std::chrono::milliseconds timeout);
  void Wake() { client_.Wake(); }
  void Starved() { controller_.Starved(); }
  std::chrono::steady_clock::time_point now() const { return clock_.SteadyNow(); }
  Timestamp wall_now() const { return clock_.Now(); }

 private:
  http::Client& client_;
  Clock& clock_;
  ConcurrencyController controller_;
  uint64_t refused_;
};

// Memory for bodies, within a limit that several budgets share. Buffers that were given back are kept for the next one
// who asks for about that size: fresh pages from the kernel cost as much as hashing them does.
class BufferPool {
 public:
  explicit BufferPool(uint64_t limit) : limit_(limit) {}

 private:
  friend class Budget;
  static size_t Capacity(uint64_t bytes);
  std::unique_ptr<std::byte[]> Take(size_t capacity);
  void Give(std::unique_ptr<std::byte[]> bytes, size_t capacity);

  const uint64_t limit_;
  uint64_t used_ = 0;  // by buffers in use
  uint64_t kept_bytes_ = 0;
  std::map<size_t, std::vector<std::unique_ptr<std::byte[]>>> kept_;  // by capacity
};

// What one kind of bodies may take of a pool. Buffers go back when they are destroyed, and must not outlive the budget.
class Budget {
 public:
  class Buffer {
   public:
    Buffer() = default;
    Buffer(Buffer&& other) noexcept;
    Buffer& operator=(Buffer&& other) noexcept;
    ~Buffer() { Reset(); }
    void Reset();
    MutableByteSpan span() const { return {bytes_.get(), size_}; }

   private:
    friend class Budget;
    Budget* budget_ = nullptr;
    std::unique_ptr<std::byte[]> bytes_;
    size_t size_ = 0;
    size_t capacity_ = 0;
  };

  Budget(BufferPool& pool, uint64_t limit) : pool_(pool), limit_(limit) {}

  uint64_t limit() const { return limit_; }
  // One buffer there is always, whatever its size.
  bool Has(uint64_t bytes) const;
  Buffer Take(size_t bytes);

 private:
  BufferPool& pool_;
  const uint64_t limit_;
  uint64_t used_ = 0;
};

}  // namespace seshat::s3_store
