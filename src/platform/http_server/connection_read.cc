// The reading side of a connection: from bytes to a handler.
#include <exception>

#include "platform/http_server/connection.h"

namespace seshat::http_server {
namespace {

// Of one connection, until it is the others' turn.
constexpr int kReadsInARow = 16;

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

Response RunHandler(const Handler& handler, const Request& request) {
  try {
    return handler(request);
  } catch (const std::exception&) {
    // What it says may be a secret, and a client can do nothing with it.
    return {.status = 0};
  }
}

}  // namespace

void Connection::ReadOn() {
  if (reading_) return;
  reading_ = true;
  int reads = 0;
  while (phase_ == Phase::kIdle || phase_ == Phase::kHead || phase_ == Phase::kBody) {
    if (Interpret() == Next::kLookAgain) continue;
    if (++reads > kReadsInARow) {
      core_.PostTo(id_, [](Connection& connection) { connection.ReadOn(); });
      break;
    }
    const Stream::Step step = stream_->Read(core_.scratch());
    if (step.outcome == Stream::Outcome::kMoved) {
      reader_.Append({core_.scratch().data(), step.bytes});
    } else if (step.outcome == Stream::Outcome::kOver) {
      Close();
    } else {
      Await(step.outcome);
      break;
    }
  }
  reading_ = false;
}

Connection::Next Connection::Interpret() {
  const bool in_body = reader_.state() == RequestReader::State::kBody;
  if (const auto refused = reader_.Advance()) {
    RefuseAndClose(*refused);
    return Next::kLookAgain;
  }
  switch (reader_.state()) {
    case RequestReader::State::kEmpty:
      return Next::kReadMore;
    case RequestReader::State::kHead:
      if (phase_ == Phase::kIdle) Enter(Phase::kHead, core_.limits().head_time);
      return Next::kReadMore;
    case RequestReader::State::kBody:
      if (in_body) return Next::kReadMore;
      if (AcceptHead()) {
        Enter(Phase::kBody, core_.limits().body_time);
        if (!Continue()) Close();
      }
      return Next::kLookAgain;
    case RequestReader::State::kComplete:
      if (head_accepted_ || AcceptHead()) Dispatch();
      return Next::kLookAgain;
  }
  return Next::kReadMore;
}

// Sends 100 where the client waits for it. A client that leaves no room for 25 bytes reads no answers.
bool Connection::Continue() {
  if (version_ == HttpVersion::k10 || !reader_.request().Header("expect") || reader_.has_bytes()) return true;
  const Stream::Step step = stream_->Write(kContinue);
  return step.outcome == Stream::Outcome::kMoved && step.bytes == kContinue.size();
}

// Refuses what no handler will see before its body is sent.
bool Connection::AcceptHead() {
  const Request& request = reader_.request();
  version_ = reader_.version();
  head_only_ = request.method == "HEAD";
  closes_ = !reader_.keep_alive() || ++requests_ >= core_.limits().requests_per_connection;
  const auto allowed = [&](std::string_view host) { return IsAllowedHost(host, core_.options().host_names); };
  const auto host = request.Header("host");
  if ((host && !allowed(*host)) || (reader_.authority() && !allowed(*reader_.authority()))) {
    Refuse({421, "this server does not answer under that name: use its IP address", request.path});
    return false;
  }
  match_ = core_.router().Find(request.method, request.segments);
  if (match_.handler == nullptr && request.method == "OPTIONS" && (request.path == "*" || !match_.allow.empty())) {
    Refuse({204, "", request.path});
    return false;
  }
  if (match_.handler == nullptr) {
    const bool known = !match_.allow.empty();
    Refuse({known ? 405 : 404, known ? "use one of " + match_.allow : "there is no such path", request.path});
    return false;
  }
  head_accepted_ = true;
  return true;
}

// Answers instead of a handler. Where a body is still to come, nobody will read it.
void Connection::Refuse(const Refusal& refusal) {
  closes_ = closes_ || reader_.state() != RequestReader::State::kComplete;
  reader_.Take();
  ++serial_;
  Response response = refusal.status == 204 ? Response{.status = 204} : core_.Refuse(refusal);
  if (refusal.status == 204 && !match_.allow.empty()) response.headers.emplace_back("Allow", match_.allow);
  Send(std::move(response));
}

void Connection::RefuseAndClose(const Refusal& refusal) {
  closes_ = true;
  // The request may have been read up to any point.
  if (phase_ != Phase::kHandling) head_only_ = false;
  Refuse(refusal);
}

void Connection::Dispatch() {
  Enter(Phase::kHandling, core_.limits().handler_time);
  head_accepted_ = false;
  auto request = std::make_shared<Request>(reader_.Take());
  request->parameters = std::move(match_.parameters);
  request->peer = peer_;
  handler_stop_.emplace();
  request->stop = handler_stop_->get_token();
  const uint64_t serial = ++serial_;
  if (match_.runs == Runs::kAtOnce) return OnAnswer(serial, RunHandler(*match_.handler, *request));
  const bool taken = core_.pool().Submit(
      WorkerPool::Kind::kRequest,
      [&core = core_, id = id_, serial, handler = match_.handler, request = std::move(request)] {
        core.PostTo(id, [serial, response = RunHandler(*handler, *request)](Connection& connection) mutable {
          connection.OnAnswer(serial, std::move(response));
        });
      });
  if (!taken) RefuseAndClose({503, "too many requests wait: try again in a moment"});
}

}  // namespace seshat::http_server
