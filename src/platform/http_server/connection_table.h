// All connections of a server, and which of them goes when there are too many. For the loop's thread, but for PostTo.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "platform/http_server/connection.h"
#include "platform/http_server/server_core.h"
#include "platform/http_server/stream.h"

namespace seshat::http_server {

class ConnectionTable final : public ServerCore {
 public:
  using ServerCore::ServerCore;

  // Serves it. Where the table is full, the one that can be spared best is closed for it; where none can be spared, the
  // new one is.
  void Add(std::unique_ptr<Stream> stream, std::string peer);
  // Closes the one that can be spared best. False: every one of them is being answered.
  bool CloseOne();

  void Tick();
  bool empty() const { return connections_.empty(); }

  // No connection is kept for another request any more; `drained` is called once none is left.
  void Drain(std::function<void()> drained);
  void CloseAll();

  void PostTo(uint64_t connection, std::move_only_function<void(Connection&)> task) override;
  void Forget(uint64_t connection) override;
  bool draining() const override { return draining_; }

 private:
  std::unordered_map<uint64_t, std::unique_ptr<Connection>> connections_;
  uint64_t last_id_ = 0;
  bool draining_ = false;
  std::function<void()> drained_;
};

}  // namespace seshat::http_server
