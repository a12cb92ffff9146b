// How many requests to keep in flight, found out from what the server and the link give. No setting.
//
// Time is cut into rounds: as many answers as there were requests in flight, so about one round trip. The limit doubles
// while that pays (a step is kept only where the rate grows by a good part of what the limit did), then it is probed
// now and then. A server that refuses some requests as too many (503 SlowDown) tells with the share of refusals how far
// above its limit we are: the limit falls by just that share and a little more, and climbs back by about 2 % a second.
// So the rate stays near the server's limit while few requests are refused. Lost connections halve the limit.
//
// Not thread-safe. Time is passed in.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace seshat::s3_store {

class ConcurrencyController {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // `most`: never more in flight than this.
  explicit ConcurrencyController(size_t most);

  // Requests that may be in flight now; at least 1.
  size_t limit() const { return limit_; }

  // A request has been answered after moving `bytes`.
  void Answered(uint64_t bytes, Time now);
  // The server refused so many requests because there were too many; they are sent again by themselves.
  void Refused(uint64_t times, Time now);
  // A request ended without an answer.
  void Lost(Time now);
  // There was room and nothing to send: this round says nothing about the server.
  void Starved() { starved_ = true; }

 private:
  enum class Phase { kDoubling, kClimbing, kWatching, kProbing };
  struct Round {
    Time begun{};
    uint64_t answers = 0;
    uint64_t refusals = 0;
    uint64_t losses = 0;
    uint64_t units = 0;
  };

  void Begin(Time now);
  void EndRoundIfDue(Time now);
  void EndRound(double rate, Time now);
  void Set(size_t limit);
  void AfterRefusals(const Round& round, Time now);
  void Double(double rate);
  void Climb(Time now);
  void Watch(double rate, Time now);
  void EndProbe(double rate, Time now);

  const size_t most_;
  size_t limit_;
  Phase phase_ = Phase::kDoubling;
  Round round_;
  bool begun_ = false;
  bool starved_ = false;
  bool settling_ = false;    // the round after a change still holds requests from before it
  size_t steady_limit_ = 0;  // before the step that is being tried
  double steady_rate_ = 0;
  size_t refused_at_ = 0;  // the limit at which the server last refused
  Time next_step_{};
  std::chrono::seconds probe_wait_{1};
};

}  // namespace seshat::s3_store
