// Sender: one blocking HTTP request at a time, from any thread. For control calls; bulk work uses Client.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>

#include "platform/http/client.h"

namespace seshat::http {

// Drives `client` until this one request has ended; others in flight move on too. A triggered `stop` ends it with
// kCancelled; Request::timeouts::total is the deadline.
Outcome SendOver(Client& client, Request request, std::stop_token stop = {});

// Thread-safe: every call borrows a client of its own from a pool, and with it the client's kept connections.
class Sender {
 public:
  virtual ~Sender() = default;
  virtual Outcome Send(Request request, std::stop_token stop = {}) = 0;
};

// `make` is called, never concurrently, when all clients are in use; the pool keeps as many as were ever in use at
// once. What the clients share (credentials, retry budget) must be thread-safe.
std::unique_ptr<Sender> MakeSender(std::function<Result<std::unique_ptr<Client>>()> make);

}  // namespace seshat::http
