#include "platform/http_server/event_loop.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace seshat::http_server {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

class AsioWaiter : public EventLoop::Waiter {
 public:
  AsioWaiter(asio::io_context& io, int descriptor) : descriptor_(io, descriptor) {}
  // Asio would close the descriptor, which is not its own.
  ~AsioWaiter() override { descriptor_.release(); }
  AsioWaiter(const AsioWaiter&) = delete;
  AsioWaiter& operator=(const AsioWaiter&) = delete;

  void Await(EventLoop::Direction direction, std::function<void()> ready) override {
    const auto what = direction == EventLoop::Direction::kRead ? asio::posix::descriptor_base::wait_read
                                                               : asio::posix::descriptor_base::wait_write;
    descriptor_.async_wait(what, [alive = std::weak_ptr<char>(alive_), ready = std::move(ready)](error_code) {
      if (!alive.expired()) ready();
    });
  }

 private:
  asio::posix::stream_descriptor descriptor_;
  const std::shared_ptr<char> alive_ = std::make_shared<char>();
};

class AsioLoop : public EventLoop {
 public:
  void Run() override {
    const auto work = asio::make_work_guard(io_);
    io_.run();
  }
  void Stop() override { io_.stop(); }
  void Post(Task task) override { asio::post(io_, std::move(task)); }
  void After(std::chrono::milliseconds delay, Task task) override {
    timer_.expires_after(delay);
    timer_.async_wait([task = std::move(task)](error_code error) mutable {
      if (!error) task();
    });
  }
  std::unique_ptr<Waiter> Watch(int descriptor) override { return std::make_unique<AsioWaiter>(io_, descriptor); }

 private:
  asio::io_context io_{1};
  asio::steady_timer timer_{io_};
};

}  // namespace

std::unique_ptr<EventLoop> MakeEventLoop() { return std::make_unique<AsioLoop>(); }

}  // namespace seshat::http_server
