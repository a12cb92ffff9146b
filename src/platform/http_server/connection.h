// One client: reads its requests, has them handled one after the other, sends the answers. All on the loop's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "platform/http_server/outgoing.h"
#include "platform/http_server/push_channel.h"
#include "platform/http_server/request_reader.h"
#include "platform/http_server/server_core.h"
#include "platform/http_server/stream.h"

namespace seshat::http_server {

// Its members stand in the order of what they are about.
class Connection {  // NOLINT(clang-analyzer-optin.performance.Padding)
 public:
  Connection(uint64_t id, ServerCore& core, std::unique_ptr<Stream> stream, std::string peer);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void Start();
  void OnTick(SteadyTime now);
  // The server stops: closes where no request runs, ends a pushed body.
  void Drain();
  // At once, whatever is under way.
  void Close();

  // How well it can be spared for a new one, from the best; kBusy: not at all. kLongAnswer: its answer has been under way
  // for longer than write_time, since a client that takes a byte now and then would keep its place for ever.
  enum class Worth { kAnswered, kIdle, kUnfinishedRequest, kLongAnswer, kBusy };
  Worth worth() const;
  SteadyTime since() const { return since_; }  // it is in this state

 private:
  enum class Phase { kIdle, kHead, kBody, kHandling, kSending, kLingering, kClosed };
  enum class Next { kReadMore, kLookAgain };

  void Enter(Phase phase, std::chrono::milliseconds limit);
  void Extend(std::chrono::milliseconds limit);
  void Await(Stream::Outcome outcome);
  void Await(EventLoop::Direction direction, bool& awaited);
  void OnReady();

  // connection_read.cc
  void ReadOn();
  Next Interpret();
  bool AcceptHead();
  bool Continue();
  void Dispatch();
  void Refuse(const Refusal& refusal);
  void RefuseAndClose(const Refusal& refusal);

  // connection_write.cc
  void OnAnswer(uint64_t serial, Response response);
  void Send(Response response);
  void WriteOn();
  void EndAnswer();
  void FetchPiece();
  void OnPiece(uint64_t serial, Result<std::string> piece);
  void BeginPush();
  bool MovePushed();
  void OnPushed(uint64_t serial);
  void Linger();

  const uint64_t id_;
  ServerCore& core_;
  const std::unique_ptr<Stream> stream_;
  const std::string peer_;
  std::unique_ptr<EventLoop::Waiter> waiter_;  // before the stream closes its descriptor

  Phase phase_ = Phase::kIdle;
  SteadyTime begun_;
  SteadyTime since_;
  SteadyTime deadline_;
  bool read_awaited_ = false;
  bool write_awaited_ = false;

  RequestReader reader_;
  bool reading_ = false;        // ReadOn is on the stack
  bool head_accepted_ = false;  // of the request that is read now
  Router::Match match_;         // of the request that is read or answered
  bool closes_ = false;         // behind this answer
  HttpVersion version_ = HttpVersion::k11;
  bool head_only_ = false;
  size_t requests_ = 0;
  size_t discarded_ = 0;

  uint64_t serial_ = 0;  // of the answer: what comes for another one is late
  std::optional<std::stop_source> handler_stop_;
  Outgoing outgoing_;
  bool blocked_ = false;   // the client does not take what is pending
  bool fetching_ = false;  // a piece is on its way
  std::shared_ptr<PushChannel> channel_;
};

}  // namespace seshat::http_server
