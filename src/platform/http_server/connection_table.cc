#include "platform/http_server/connection_table.h"

#include <tuple>
#include <vector>

namespace seshat::http_server {

void ConnectionTable::Add(std::unique_ptr<Stream> stream, std::string peer) {
  if (draining_ || (connections_.size() >= limits().connections && !CloseOne())) return;
  const uint64_t id = ++last_id_;
  auto& connection = connections_[id];
  connection = std::make_unique<Connection>(id, *this, std::move(stream), std::move(peer));
  connection->Start();
}

bool ConnectionTable::CloseOne() {
  Connection* best = nullptr;
  uint64_t id = 0;
  for (const auto& [number, connection] : connections_) {
    if (connection->worth() == Connection::Worth::kBusy) continue;
    if (best != nullptr &&
        std::tuple(connection->worth(), connection->since()) >= std::tuple(best->worth(), best->since()))
      continue;
    best = connection.get();
    id = number;
  }
  if (best == nullptr) return false;
  connections_.erase(id);
  return true;
}

void ConnectionTable::Tick() {
  const auto now = std::chrono::steady_clock::now();
  // Connections are destroyed by tasks only, so nothing is taken from under this loop.
  for (const auto& [id, connection] : connections_) connection->OnTick(now);
}

void ConnectionTable::Drain(std::function<void()> drained) {
  draining_ = true;
  drained_ = std::move(drained);
  for (const auto& [id, connection] : connections_) connection->Drain();
  if (connections_.empty()) drained_();
}

void ConnectionTable::CloseAll() { connections_.clear(); }

void ConnectionTable::PostTo(uint64_t connection, std::move_only_function<void(Connection&)> task) {
  loop().Post([this, connection, task = std::move(task)]() mutable {
    if (const auto found = connections_.find(connection); found != connections_.end()) task(*found->second);
  });
}

void ConnectionTable::Forget(uint64_t connection) {
  loop().Post([this, connection] {
    if (connections_.erase(connection) > 0 && draining_ && connections_.empty()) drained_();
  });
}

}  // namespace seshat::http_server
