#include "platform/http/client.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <unordered_map>
#include <utility>
#include <vector>

#include "platform/http/curl_loop.h"
#include "platform/http/curl_transfer.h"

namespace seshat::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

class CurlClient : public Client {
 public:
  CurlClient(ClientOptions options, std::unique_ptr<CurlLoop> loop)
      : options_(std::move(options)), loop_(std::move(loop)) {}
  ~CurlClient() override {
    for (const auto& [id, running] : running_) loop_->Remove(running.transfer->easy());
  }

  RequestId Start(Request request, Done done) override {
    const RequestId id = ++last_id_;
    auto transfer = Begin(request, id);
    if (transfer) {
      running_.emplace(id, Running{std::move(*transfer), std::move(done)});
      // The body is sent while it is in the cache, and the server works while the caller prepares the next request.
      loop_->Kick();
    } else {
      ended_.push_back({{std::unexpected(std::move(transfer).error()), {}, std::move(request)}, std::move(done)});
    }
    return id;
  }

  void Cancel(RequestId id) override {
    const auto found = running_.find(id);
    if (found == running_.end()) return;
    auto transfer = std::move(found->second.transfer);
    Done done = std::move(found->second.done);
    running_.erase(found);
    loop_->Remove(transfer->easy());
    Outcome outcome = transfer->Finish(0);
    outcome.response = Fail(ErrorCode::kCancelled, "the request was cancelled");
    ended_.push_back({std::move(outcome), std::move(done)});
    Keep(std::move(transfer));
  }

  void Resume(RequestId id) override {
    const auto found = running_.find(id);
    if (found != running_.end()) found->second.transfer->Resume();
  }

  void Poll(milliseconds timeout) override {
    const auto until = steady_clock::now() + timeout;
    for (;;) {
      const auto left = std::chrono::ceil<milliseconds>(until - steady_clock::now());
      loop_->Step(ended_.empty() ? std::max(left, milliseconds(0)) : milliseconds(0));
      Collect();
      const bool woken = loop_->TakeWoken();
      if (RunCallbacks() || woken || steady_clock::now() >= until) return;
    }
  }

  void Wake() override { loop_->Wake(); }
  size_t in_flight() const override { return running_.size() + ended_.size(); }

 private:
  struct Running {
    std::unique_ptr<CurlTransfer> transfer;
    Done done;
  };
  struct Ended {
    Outcome outcome;
    Done done;
  };

  Result<std::unique_ptr<CurlTransfer>> Begin(Request& request, RequestId id) {
    SESHAT_TRY(CheckRequest(request));
    std::unique_ptr<CurlTransfer> transfer;
    if (idle_.empty()) {
      SESHAT_ASSIGN(transfer, CurlTransfer::Make(options_));
      loop_->Adopt(transfer->easy());
    } else {
      transfer = std::move(idle_.back());
      idle_.pop_back();
    }
    transfer->Prepare(std::move(request), id);
    if (auto added = loop_->Add(transfer->easy()); !added) {
      request = transfer->Finish(0).request;
      return std::unexpected(std::move(added).error());
    }
    return transfer;
  }

  void Collect() {
    while (const auto finished = loop_->NextFinished()) {
      const auto found = running_.find(CurlTransfer::Of(finished->easy).id());
      Running running = std::move(found->second);
      running_.erase(found);
      ended_.push_back({running.transfer->Finish(finished->code), std::move(running.done)});
      Keep(std::move(running.transfer));
    }
  }

  void Keep(std::unique_ptr<CurlTransfer> transfer) {
    if (idle_.size() < options_.max_idle_connections) idle_.push_back(std::move(transfer));
  }

  bool RunCallbacks() {
    if (ended_.empty()) return false;
    // A callback may start requests, and these may end at once: they are for the next Poll.
    std::vector<Ended> now;
    now.swap(ended_);
    for (Ended& ended : now) ended.done(std::move(ended.outcome));
    return true;
  }

  ClientOptions options_;
  std::unique_ptr<CurlLoop> loop_;
  RequestId last_id_ = 0;
  std::unordered_map<RequestId, Running> running_;
  std::vector<std::unique_ptr<CurlTransfer>> idle_;
  std::vector<Ended> ended_;
};

}  // namespace

Result<std::unique_ptr<Client>> MakeClient(const ClientOptions& options) {
  if (!options.ca_file.empty() && access(options.ca_file.c_str(), R_OK) != 0)
    return Fail(
        ErrorCode::kInvalidArgument,
        fmt::format("'{}' cannot be read: ca_file must name a PEM file of certificate authorities", options.ca_file));
  SESHAT_ASSIGN(auto loop, CurlLoop::Make(options.max_idle_connections));
  return std::make_unique<CurlClient>(options, std::move(loop));
}

}  // namespace seshat::http
