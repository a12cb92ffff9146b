#include "platform/http/sender.h"

#include <chrono>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace seshat::http {
namespace {

class PooledSender : public Sender {
 public:
  explicit PooledSender(std::function<Result<std::unique_ptr<Client>>()> make) : make_(std::move(make)) {}

  Outcome Send(Request request, std::stop_token stop) override {
    auto client = Borrow();
    if (!client) return {std::unexpected(std::move(client).error()), {}, std::move(request)};
    Outcome outcome = SendOver(**client, std::move(request), std::move(stop));
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(*client));
    return outcome;
  }

 private:
  Result<std::unique_ptr<Client>> Borrow() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return make_();
    // The one used last: its connection is the least likely to have been closed by the server.
    auto client = std::move(idle_.back());
    idle_.pop_back();
    return client;
  }

  std::function<Result<std::unique_ptr<Client>>()> make_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Client>> idle_;
};

}  // namespace

Outcome SendOver(Client& client, Request request, std::stop_token stop) {
  std::optional<Outcome> outcome;
  const RequestId id = client.Start(std::move(request), [&](Outcome o) { outcome.emplace(std::move(o)); });
  const std::stop_callback wake(stop, [&] { client.Wake(); });
  while (!outcome) {
    if (stop.stop_requested()) client.Cancel(id);
    client.Poll(std::chrono::seconds(60));
  }
  return std::move(*outcome);
}

std::unique_ptr<Sender> MakeSender(std::function<Result<std::unique_ptr<Client>>()> make) {
  return std::make_unique<PooledSender>(std::move(make));
}

}  // namespace seshat::http
