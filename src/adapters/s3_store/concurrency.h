// How many requests to keep in flight and how fast to begin them, found out from what the server and the link give. No
// setting.
//
// Time is cut into rounds: as many answers as there may be requests in flight, so about one round trip. Every answer of
// the first rounds lets two requests follow, so their number doubles with each round as long as that pays (a step is
// kept only where the rate grows by a good part of what the number did); then it is probed now and then. Lost
// connections halve it. A server that refuses some requests as too many (503 SlowDown) bears so many a second, however
// many are in flight: see pacer.h. Beyond the rate that Amazon S3 promises their number grows by small steps.
//
// Not thread-safe. Time is passed in.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "adapters/s3_store/pacer.h"

namespace seshat::s3_store {

class ConcurrencyController {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // `most`: never more in flight than this.
  explicit ConcurrencyController(size_t most);

  // Requests that may be in flight; at least 1.
  size_t limit() const { return limit_; }
  // One more may begin now, as to the limit and the pace.
  bool MayBegin(size_t in_flight, Time now);
  // The pace is what keeps the next one back, until then.
  bool paced() const { return paced_; }
  Time next() const { return pacer_.next(); }

  void Begun(Time now) { pacer_.Sent(now); }
  // A request has been answered after moving `bytes`.
  void Answered(uint64_t bytes, Time now);
  // The server refused so many requests because there were too many; they are sent again by themselves.
  void Refused(uint64_t times, Time now);
  // A request ended without an answer.
  void Lost(Time now);
  // There was room and nothing to send: this round says nothing about the server.
  void Starved() { starved_ = true; }

 private:
  enum class Phase { kDoubling, kWatching, kProbing };
  struct Round {
    Time begun{};
    size_t limit = 0;  // when it began
    uint64_t answers = 0;
    uint64_t refusals = 0;
    uint64_t losses = 0;
    uint64_t units = 0;
  };

  void Begin(Time now);
  void EndRoundIfDue(Time now);
  void EndRound(const Round& round, double seconds, Time now);
  void Set(size_t limit);
  void Double(const Round& round, double rate);
  void Watch(double rate, Time now);
  void EndProbe(double rate, Time now);
  // How far a round of doubling may get.
  size_t MostOfRound() const;
  // A step up from here.
  size_t Above() const;
  // Answers a second, of late.
  double AnswerRate(Time now) const;

  const size_t most_;
  size_t limit_;
  Pacer pacer_;
  bool paced_ = false;
  Phase phase_ = Phase::kDoubling;
  Round round_;
  bool begun_ = false;
  bool starved_ = false;
  bool settling_ = false;    // the round after a change still holds requests from before it
  size_t steady_limit_ = 0;  // before the step that is being tried
  double steady_rate_ = 0;
  double answer_rate_ = 0;  // of the last round
  size_t answer_limit_ = 0;
  Time next_step_{};
  std::chrono::seconds probe_wait_{1};
};

}  // namespace seshat::s3_store
