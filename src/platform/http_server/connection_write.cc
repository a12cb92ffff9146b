// The writing side of a connection: from an answer to bytes.
#include <algorithm>
#include <exception>

#include "platform/http_server/connection.h"

namespace seshat::http_server {
namespace {

// A client that still sends would lose the answer if the connection were simply closed (RFC 9112, section 9.6).
constexpr std::chrono::milliseconds kLingerTime{1'000};
constexpr size_t kLingerBytes = 1 << 20;

bool HasHeader(const Response& response, std::string_view name) {
  return std::ranges::any_of(response.headers,
                             [&](const auto& header) { return EqualsIgnoringCase(header.first, name); });
}

}  // namespace

void Connection::OnAnswer(uint64_t serial, Response response) {
  if (serial != serial_ || phase_ != Phase::kHandling) return;
  if (response.status == 0) response = core_.Refuse({500, "the server failed to answer this", ""});
  Send(std::move(response));
}

void Connection::Send(Response response) {
  if (response.status == 405 && !HasHeader(response, "allow")) response.headers.emplace_back("Allow", match_.allow);
  if (core_.draining() || std::chrono::steady_clock::now() - begun_ >= core_.limits().connection_age) closes_ = true;
  outgoing_ = Outgoing(std::move(response),
                       {.version = version_, .close = closes_, .head_only = head_only_, .date = core_.DateText()});
  closes_ = outgoing_.closes();
  Enter(Phase::kSending, core_.limits().write_time);
  if (outgoing_.pushed() != nullptr) BeginPush();
  WriteOn();
}

void Connection::WriteOn() {
  blocked_ = false;
  while (phase_ == Phase::kSending) {
    if (const std::string_view pending = outgoing_.Pending(); !pending.empty()) {
      const Stream::Step step = stream_->Write(pending);
      if (step.outcome == Stream::Outcome::kOver) return Close();
      if (step.outcome != Stream::Outcome::kMoved) {
        blocked_ = true;
        return Await(step.outcome);
      }
      outgoing_.Sent(step.bytes);
      Extend(core_.limits().write_time);
    } else if (outgoing_.done()) {
      return EndAnswer();
    } else if (outgoing_.wants_piece()) {
      return FetchPiece();
    } else if (!MovePushed()) {
      return;
    }
  }
}

void Connection::EndAnswer() {
  ++serial_;
  handler_stop_.reset();
  if (channel_) channel_->Close();
  channel_.reset();
  outgoing_ = {};
  match_ = {};
  if (closes_) {
    stream_->EndWriting();
    Enter(Phase::kLingering, kLingerTime);
    discarded_ = 0;
    return Linger();
  }
  Enter(Phase::kIdle, core_.limits().idle_time);
  if (core_.draining()) return Close();
  ReadOn();
}

void Connection::Linger() {
  while (phase_ == Phase::kLingering) {
    const Stream::Step step = stream_->Read(core_.scratch());
    discarded_ += step.bytes;
    if (step.outcome == Stream::Outcome::kOver || discarded_ > kLingerBytes) return Close();
    if (step.outcome != Stream::Outcome::kMoved) return Await(step.outcome);
  }
}

void Connection::FetchPiece() {
  if (fetching_) return;
  fetching_ = true;
  Extend(core_.limits().handler_time);
  core_.pool().Submit(
      WorkerPool::Kind::kContinuation, [&core = core_, id = id_, serial = serial_, next = outgoing_.next()]() mutable {
        Result<std::string> piece;
        try {
          piece = next();
        } catch (const std::exception& thrown) {
          piece = Fail(ErrorCode::kInternal, std::string("the body's producer threw: ") + thrown.what());
        }
        core.PostTo(id, [serial, piece = std::move(piece)](Connection& connection) mutable {
          connection.OnPiece(serial, std::move(piece));
        });
      });
}

void Connection::OnPiece(uint64_t serial, Result<std::string> piece) {
  if (serial != serial_ || phase_ != Phase::kSending) return;
  fetching_ = false;
  if (!outgoing_.AddPiece(std::move(piece))) return Close();
  Extend(core_.limits().write_time);
  WriteOn();
}

void Connection::BeginPush() {
  channel_ = std::make_shared<PushChannel>(core_.limits().push_bytes, [&core = core_, id = id_, serial = serial_] {
    core.PostTo(id, [serial](Connection& connection) { connection.OnPushed(serial); });
  });
  // Noticed at once when the client goes away.
  Await(EventLoop::Direction::kRead, read_awaited_);
  core_.pool().Submit(WorkerPool::Kind::kContinuation,
                      [begin = outgoing_.pushed()->begin, channel = channel_]() mutable {
                        try {
                          begin(channel->MakeWriter());
                        } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch)
                          // Its writer is gone by now, and with it the body has ended.
                        }
                      });
  if (core_.draining()) Drain();
}

// True: something has been added. False: nothing is there, the program will wake us.
bool Connection::MovePushed() {
  PushChannel::Taken taken = channel_->Take();
  if (!taken.text.empty()) outgoing_.AddPushed(taken.text);
  if (taken.ended) outgoing_.EndPushed();
  if (!taken.text.empty() || taken.ended) return true;
  const PushedBody& body = *outgoing_.pushed();
  Extend(body.heartbeat.empty() ? core_.limits().idle_time : body.heartbeat_after);
  return false;
}

void Connection::OnPushed(uint64_t serial) {
  if (serial == serial_ && phase_ == Phase::kSending && !blocked_) WriteOn();
}

}  // namespace seshat::http_server
