// An http::Client without a network: a function answers, and a Poll with nothing to deliver moves the fake clock on.
#pragma once

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "platform/http/client.h"
#include "platform/http/deferred.h"
#include "support/fakes.h"

namespace seshat::testing {

class FakeHttpClient : public http::Client {
 public:
  // Absent: no answer ever comes.
  using Answer = std::function<std::optional<http::Outcome>(const http::Request&)>;

  FakeHttpClient(FakeClock& clock, Answer answer) : clock_(clock), answer_(std::move(answer)) {}

  http::RequestId Start(http::Request request, http::Done done) override {
    const http::RequestId id = ++last_id_;
    started.push_back({request, clock_.SteadyNow()});
    auto outcome = answer_(request);
    if (outcome) {
      outcome->request = std::move(request);
      ended_.Add(std::move(*outcome), std::move(done));
    } else {
      silent_.push_back({id, std::move(request), std::move(done)});
    }
    return id;
  }
  void Cancel(http::RequestId id) override {
    for (auto it = silent_.begin(); it != silent_.end(); ++it) {
      if (it->id != id) continue;
      ended_.Add({Fail(ErrorCode::kCancelled, "cancelled"), {.sent = true}, std::move(it->request)},
                 std::move(it->done));
      silent_.erase(it);
      return;
    }
  }
  void Resume(http::RequestId id) override { resumed.push_back(id); }
  void Poll(std::chrono::milliseconds timeout) override {
    if (!ended_.Run()) clock_.Advance(timeout);
  }
  void Wake() override { ++wakes; }
  size_t in_flight() const override { return ended_.size() + silent_.size(); }

  struct Started {
    http::Request request;
    std::chrono::steady_clock::time_point at;
  };
  std::vector<Started> started;
  std::vector<http::RequestId> resumed;
  int wakes = 0;

 private:
  struct Silent {
    http::RequestId id;
    http::Request request;
    http::Done done;
  };
  FakeClock& clock_;
  Answer answer_;
  http::RequestId last_id_ = 0;
  http::DeferredOutcomes ended_;
  std::vector<Silent> silent_;
};

inline http::Outcome HttpAnswered(int status, std::string body = "", const http::HeaderList& headers = {}) {
  http::Response response;
  response.status = status;
  response.body = std::move(body);
  for (const auto& [name, value] : headers) response.headers.Add(name, value);
  return {std::move(response), {.sent = true}, {}};
}

inline http::Outcome HttpFailed(ErrorCode code, bool sent = true) {
  return {Fail(code, "the wire"), {.sent = sent}, {}};
}

}  // namespace seshat::testing
