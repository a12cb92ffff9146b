#include "platform/http_server/connection.h"

namespace seshat::http_server {

Connection::Connection(uint64_t id, ServerCore& core, std::unique_ptr<Stream> stream, std::string peer)
    : id_(id),
      core_(core),
      stream_(std::move(stream)),
      peer_(std::move(peer)),
      waiter_(core.loop().Watch(stream_->descriptor())),
      begun_(std::chrono::steady_clock::now()),
      since_(begun_),
      reader_(core.limits()) {}

Connection::~Connection() { Close(); }

void Connection::Start() {
  Enter(Phase::kIdle, std::min(core_.limits().head_time, core_.limits().idle_time));
  ReadOn();
}

void Connection::Close() {
  if (phase_ == Phase::kClosed) return;
  phase_ = Phase::kClosed;
  ++serial_;
  if (handler_stop_) handler_stop_->request_stop();
  if (channel_) channel_->Close();
  core_.Forget(id_);
}

Connection::Worth Connection::worth() const {
  switch (phase_) {
    case Phase::kClosed:
    case Phase::kLingering:
      return Worth::kAnswered;
    case Phase::kIdle:
      return Worth::kIdle;
    case Phase::kHead:
    case Phase::kBody:
      return Worth::kUnfinishedRequest;
    case Phase::kSending:
      return std::chrono::steady_clock::now() - since_ > core_.limits().write_time ? Worth::kLongAnswer : Worth::kBusy;
    case Phase::kHandling:
      break;
  }
  return Worth::kBusy;
}

void Connection::Enter(Phase phase, std::chrono::milliseconds limit) {
  if (phase_ == Phase::kClosed) return;
  phase_ = phase;
  since_ = std::chrono::steady_clock::now();
  deadline_ = since_ + limit;
}

void Connection::Extend(std::chrono::milliseconds limit) { deadline_ = std::chrono::steady_clock::now() + limit; }

void Connection::Await(Stream::Outcome outcome) {
  if (outcome == Stream::Outcome::kAwaitRead) {
    Await(EventLoop::Direction::kRead, read_awaited_);
  } else {
    Await(EventLoop::Direction::kWrite, write_awaited_);
  }
}

void Connection::Await(EventLoop::Direction direction, bool& awaited) {
  if (awaited) return;
  awaited = true;
  waiter_->Await(direction, [this, &awaited] {
    awaited = false;
    OnReady();
  });
}

void Connection::OnReady() {
  switch (phase_) {
    case Phase::kIdle:
    case Phase::kHead:
    case Phase::kBody:
      return ReadOn();
    case Phase::kLingering:
      return Linger();
    case Phase::kSending:
      if (blocked_) return WriteOn();
      if (channel_ && stream_->PeerIsGone()) Close();
      return;
    case Phase::kHandling:
    case Phase::kClosed:
      return;
  }
}

void Connection::OnTick(SteadyTime now) {
  if (phase_ == Phase::kClosed || now < deadline_) return;
  switch (phase_) {
    case Phase::kHead:
      return RefuseAndClose({408, "the request took too long to arrive"});
    case Phase::kBody:
      return RefuseAndClose({408, "the body took too long to arrive"});
    case Phase::kHandling:
      handler_stop_->request_stop();
      return RefuseAndClose({503, "the answer took too long to make"});
    case Phase::kSending:
      if (channel_ && !blocked_ && outgoing_.pushed() != nullptr && !outgoing_.pushed()->heartbeat.empty()) {
        outgoing_.AddPushed(outgoing_.pushed()->heartbeat);
        return WriteOn();
      }
      return Close();
    default:
      return Close();
  }
}

void Connection::Drain() {
  switch (phase_) {
    case Phase::kIdle:
    case Phase::kHead:
    case Phase::kBody:
      return Close();
    case Phase::kSending:
      if (channel_ && outgoing_.pushed() != nullptr) {
        channel_->Close();
        outgoing_.EndPushed();
        closes_ = true;
        if (!blocked_) WriteOn();
      }
      return;
    default:
      return;
  }
}

}  // namespace seshat::http_server
