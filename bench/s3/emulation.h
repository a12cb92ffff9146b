// What emulated_s3 adds to a plain S3: the time that a far one takes, and its patience.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>

namespace seshat::bench {

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;

struct Settings {
  std::chrono::milliseconds latency{0};  // every answer comes so much later
  double bytes_per_second = 0;           // of one connection; 0: as fast as it goes
  double puts_per_second = 0;            // more are answered 503 SlowDown; 0: any number
  std::string certificate;               // PEM with the key; empty: no TLS
  uint64_t objects = 0;                  // get/00000.bin and so on
  uint64_t object_bytes = 0;
};

// How long after its first byte a request of so many bytes, with its answer, is answered.
inline Clock::duration DelayOf(const Settings& settings, uint64_t bytes) {
  const double seconds = settings.bytes_per_second > 0 ? static_cast<double>(bytes) / settings.bytes_per_second : 0;
  return settings.latency + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

// Lets so many PUTs through in a second, and a twentieth of that at once.
class PutLimit {
 public:
  explicit PutLimit(double per_second) : per_second_(per_second), tokens_(per_second / 20) {}

  bool Take(Time now) {
    if (per_second_ <= 0) return true;
    const double elapsed = std::chrono::duration<double>(now - filled_).count();
    tokens_ = std::min(per_second_ / 20, tokens_ + per_second_ * elapsed);
    filled_ = now;
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }

 private:
  const double per_second_;
  double tokens_;
  Time filled_ = Clock::now();
};

}  // namespace seshat::bench
