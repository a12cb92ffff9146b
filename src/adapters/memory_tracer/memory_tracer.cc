#include "adapters/memory_tracer/memory_tracer.h"

#include <utility>

namespace seshat::memory_tracer {

std::vector<FinishedSpan> MemoryTracer::spans() const {
  const std::lock_guard lock(mutex_);
  return spans_;
}

std::vector<FinishedSpan> MemoryTracer::Named(std::string_view name) const {
  std::vector<FinishedSpan> named = spans();
  std::erase_if(named, [&](const FinishedSpan& span) { return span.name != name; });
  return named;
}

void MemoryTracer::Clear() {
  const std::lock_guard lock(mutex_);
  spans_.clear();
}

void MemoryTracer::Take(FinishedSpan span) noexcept {
  const std::lock_guard lock(mutex_);
  if (spans_.size() < capacity_) {
    spans_.push_back(std::move(span));
  } else {
    ++dropped_;
  }
}

uint64_t MemoryTracer::dropped() const {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

}  // namespace seshat::memory_tracer
