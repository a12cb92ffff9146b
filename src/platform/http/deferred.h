// Callbacks that a decorator owes: outcomes that never reached the client below, delivered by its own Poll.
#pragma once

#include <utility>
#include <vector>

#include "platform/http/client.h"

namespace seshat::http {

class DeferredOutcomes {
 public:
  void Add(Outcome outcome, Done done) { ended_.push_back({std::move(outcome), std::move(done)}); }
  bool empty() const { return ended_.empty(); }
  size_t size() const { return ended_.size(); }
  // False: there were none. Those that a callback adds are for the next time.
  bool Run() {
    if (ended_.empty()) return false;
    std::vector<Ended> now;
    now.swap(ended_);
    for (Ended& ended : now) ended.done(std::move(ended.outcome));
    return true;
  }

 private:
  struct Ended {
    Outcome outcome;
    Done done;
  };
  std::vector<Ended> ended_;
};

}  // namespace seshat::http
