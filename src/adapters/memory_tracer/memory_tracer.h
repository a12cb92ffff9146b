// A tracer that remembers, for tests.
#pragma once

#include <cstddef>
#include <mutex>
#include <string_view>
#include <vector>

#include "ports/tracer.h"

namespace seshat::memory_tracer {

class MemoryTracer : public Tracer {
 public:
  // Keeps the first `capacity` spans and drops what comes after them.
  MemoryTracer(Clock& clock, Random& random, size_t capacity = 100'000) : Tracer(clock, random), capacity_(capacity) {}

  std::vector<FinishedSpan> spans() const;  // in the order of their ends
  std::vector<FinishedSpan> Named(std::string_view name) const;
  void Clear();

  const Capabilities& capabilities() const override { return capabilities_; }
  void Take(FinishedSpan span) noexcept override;
  uint64_t dropped() const override;
  Status Flush(std::chrono::nanoseconds) override { return {}; }

 private:
  const Capabilities capabilities_;
  const size_t capacity_;
  mutable std::mutex mutex_;
  std::vector<FinishedSpan> spans_;
  uint64_t dropped_ = 0;
};

}  // namespace seshat::memory_tracer
