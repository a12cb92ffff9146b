// An aws::Service whose answers can get lost: what the server did stays done, and nobody hears of it.
#pragma once

#include <atomic>
#include <memory>
#include <utility>

#include "platform/aws/service.h"
#include "platform/http/deferred.h"

namespace seshat::testing {

// While `lose` is set, the next request that makes an object is answered with "connection lost", and so is every
// request after it, unsent, for as long as `dead`.
struct Loss {
  std::atomic<bool> lose = false;
  std::atomic<bool> dead = false;
};

class LossyClient : public http::Client {
 public:
  LossyClient(std::unique_ptr<http::Client> inner, std::shared_ptr<Loss> loss)
      : inner_(std::move(inner)), loss_(std::move(loss)) {}

  http::RequestId Start(http::Request request, http::Done done) override {
    if (loss_->dead) {
      deferred_.Add({Lost(), {}, std::move(request)}, std::move(done));
      return 0;
    }
    return inner_->Start(std::move(request), [this, done = std::move(done)](http::Outcome outcome) mutable {
      if (loss_->lose && MakesObject(outcome)) {
        loss_->lose = false;
        loss_->dead = true;
        outcome.response = Lost();
        outcome.exchange.sent = true;
      }
      done(std::move(outcome));
    });
  }
  void Cancel(http::RequestId id) override { inner_->Cancel(id); }
  void Resume(http::RequestId id) override { inner_->Resume(id); }
  void Poll(std::chrono::milliseconds timeout) override {
    inner_->Poll(deferred_.empty() ? timeout : std::chrono::milliseconds(0));
    deferred_.Run();
  }
  void Wake() override { inner_->Wake(); }
  size_t in_flight() const override { return inner_->in_flight() + deferred_.size(); }
  uint64_t throttled() const override { return inner_->throttled(); }

 private:
  static Result<http::Response> Lost() { return Fail(ErrorCode::kUnavailable, "the connection was lost"); }
  static bool MakesObject(const http::Outcome& outcome) {
    if (!outcome.response || outcome.response->status != 200) return false;
    for (const auto& [name, value] : outcome.request.headers)
      if (name == "if-none-match") return true;
    return false;
  }

  std::unique_ptr<http::Client> inner_;
  std::shared_ptr<Loss> loss_;
  http::DeferredOutcomes deferred_;
};

class LossyService : public aws::Service {
 public:
  LossyService(std::shared_ptr<aws::Service> inner, std::shared_ptr<Loss> loss)
      : inner_(std::move(inner)), loss_(std::move(loss)) {}
  Result<std::unique_ptr<http::Client>> MakeClient() override {
    SESHAT_ASSIGN(auto client, inner_->MakeClient());
    return std::make_unique<LossyClient>(std::move(client), loss_);
  }
  std::unique_ptr<http::Sender> MakeSender() override {
    return http::MakeSender([this] { return MakeClient(); });
  }
  Result<Secret> Presign(const http::Request& request, std::chrono::seconds valid) override {
    return inner_->Presign(request, valid);
  }

 private:
  std::shared_ptr<aws::Service> inner_;
  std::shared_ptr<Loss> loss_;
};

}  // namespace seshat::testing
