// A number in memory that all processes on one bus share, in a small file beside the database. Whoever makes
// something deliverable adds one and wakes those who wait for that (futex(2)), within microseconds.
//
// A process that dies between its commit and Ring() leaves the others asleep, so Wait ends after a second in
// any case. Where the file cannot be made or mapped (or the disk has no block for it), it ends after 10 ms:
// slower, and right all the same.
//
// Thread safety: all methods.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>

namespace seshat::sqlite_event_bus {

class WakeWord {
 public:
  explicit WakeWord(const std::filesystem::path& file);
  ~WakeWord();
  WakeWord(const WakeWord&) = delete;
  WakeWord& operator=(const WakeWord&) = delete;

  uint32_t Read() const { return word_->load(std::memory_order_acquire); }
  // Answers the value that it replaced by one more.
  uint32_t Ring();
  // Until the word is no longer `seen`; false when the time above was over first.
  bool Wait(uint32_t seen) const;
  bool shared() const { return shared_; }

 private:
  std::atomic<uint32_t> alone_{0};  // stands in where nothing can be shared
  std::atomic<uint32_t>* word_ = &alone_;
  bool shared_ = false;
};

}  // namespace seshat::sqlite_event_bus
