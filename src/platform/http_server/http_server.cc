#include "platform/http_server/http_server.h"

#include <algorithm>
#include <csignal>
#include <future>
#include <thread>

#include "platform/http_server/connection_table.h"
#include "platform/http_server/event_loop.h"
#include "platform/http_server/listener.h"
#include "platform/http_server/stream.h"
#include "platform/http_server/worker_pool.h"

namespace seshat::http_server {
namespace {

// Often enough for the shortest limit, and no more than four times a second otherwise.
std::chrono::milliseconds TickOf(const ServerLimits& limits) {
  const auto shortest = std::min({limits.head_time, limits.body_time, limits.handler_time, limits.write_time,
                                  limits.idle_time, std::chrono::milliseconds(1'000)});
  return std::clamp(shortest / 4, std::chrono::milliseconds(5), std::chrono::milliseconds(250));
}

// A client that is gone is an error of write(2) to us, which OpenSSL calls without MSG_NOSIGNAL.
void BlockBrokenPipeSignal() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

class Server final : public HttpServer {
 public:
  Server(ServerOptions options, Router router, Listener listener, TlsContext tls)
      : options_(std::move(options)),
        router_(std::move(router)),
        tls_(std::move(tls)),
        listener_(std::move(listener)),
        address_(listener_.address) {
    thread_ = std::jthread([this] {
      BlockBrokenPipeSignal();
      arrivals_ = loop_->Watch(listener_.fd.get());
      AwaitArrivals();
      loop_->Run();
    });
  }

  ~Server() override { Server::Stop(); }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::string address() const override { return address_; }

  void Stop() override {
    if (!thread_.joinable()) return;
    std::promise<void> drained;
    loop_->Post([&] {
      arrivals_.reset();
      listener_.fd.Reset();
      table_.Drain([&] { drained.set_value(); });
    });
    drained.get_future().wait_for(options_.limits.drain_time);
    std::promise<void> closed;
    loop_->Post([&] {
      table_.CloseAll();
      closed.set_value();
    });
    closed.get_future().wait();
    loop_->Stop();
    thread_.join();
    workers_.reset();
  }

 private:
  void AwaitArrivals() {
    arrivals_->Await(EventLoop::Direction::kRead, [this] { Take(); });
  }

  void Take() {
    // Between others' turns: a flood of new clients does not hold up those that are there.
    for (int i = 0; i < 64; ++i) {
      Arrival arrival = Accept(listener_);
      if (arrival.exhausted) {
        // Trying again at once would only burn the processor; the next tick does.
        table_.CloseOne();
        paused_ = true;
        break;
      }
      if (!arrival.fd.valid()) break;
      auto stream = tls_ ? MakeTlsStream(std::move(arrival.fd), tls_.get()) : MakePlainStream(std::move(arrival.fd));
      if (stream) table_.Add(std::move(stream), std::move(arrival.peer));
    }
    if (!paused_) AwaitArrivals();
    KeepTicking();
  }

  // A server without clients sleeps.
  void KeepTicking() {
    if (ticking_ || (table_.empty() && !paused_)) return;
    ticking_ = true;
    loop_->After(TickOf(options_.limits), [this] {
      ticking_ = false;
      table_.Tick();
      if (std::exchange(paused_, false) && arrivals_) return Take();
      KeepTicking();
    });
  }

  const ServerOptions options_;
  const Router router_;
  const TlsContext tls_;
  Listener listener_;
  const std::string address_;
  const std::unique_ptr<EventLoop> loop_ = MakeEventLoop();
  std::unique_ptr<WorkerPool> workers_ =
      std::make_unique<WorkerPool>(options_.limits.handler_threads, options_.limits.waiting_requests);
  ConnectionTable table_{options_, router_, *loop_, *workers_};
  // On the loop's thread.
  std::unique_ptr<EventLoop::Waiter> arrivals_;
  bool paused_ = false;  // no descriptor was left
  bool ticking_ = false;
  std::jthread thread_;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> MakeHttpServer(ServerOptions options, Router router) {
  TlsContext tls;
  if (options.tls) {
    SESHAT_ASSIGN(tls, LoadTls(*options.tls));
  }
  SESHAT_ASSIGN(Listener listener, Listen(options.address, options.port));
  return std::make_unique<Server>(std::move(options), std::move(router), std::move(listener), std::move(tls));
}

}  // namespace seshat::http_server
