#include "adapters/http_status/http_status.h"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <optional>
#include <thread>

#include "platform/posix/posix_error.h"

namespace seshat::http_status {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

constexpr uint32_t kMaxHeaderBytes = 8 * 1024;

using Response = http::response<http::string_body>;

Response Answer(const HttpStatusOptions& options, const http::request<http::empty_body>& request) {
  Response response;
  response.version(request.version());
  response.keep_alive(request.keep_alive());
  response.set(http::field::content_type, "text/plain; charset=utf-8");
  response.set(http::field::cache_control, "no-store");
  response.set("X-Content-Type-Options", "nosniff");
  const auto say = [&](http::status status, std::string body) {
    response.result(status);
    response.body() = std::move(body);
  };
  const beast::string_view path = request.target().substr(0, request.target().find('?'));
  if (request.method() != http::verb::get && request.method() != http::verb::head) {
    response.set(http::field::allow, "GET, HEAD");
    say(http::status::method_not_allowed, "only GET and HEAD\n");
  } else if (path == "/livez") {
    say(http::status::ok, "ok\n");
  } else if (path == "/readyz") {
    const Status ready = options.ready ? options.ready() : Status{};
    ready ? say(http::status::ok, "ok\n") : say(http::status::service_unavailable, ready.error().message + "\n");
  } else if (path == "/metrics") {
    response.set(http::field::content_type, "text/plain; version=0.0.4; charset=utf-8");
    say(http::status::ok, options.metrics ? options.metrics() : "");
  } else {
    say(http::status::not_found, "there is /metrics, /livez and /readyz\n");
  }
  response.prepare_payload();
  if (request.method() == http::verb::head) response.body().clear();
  return response;
}

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket socket, const HttpStatusOptions& options, size_t& open)
      : stream_(std::move(socket)), options_(options), open_(open) {
    ++open_;
  }
  ~Connection() { --open_; }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void Read() {
    parser_.emplace();
    parser_->header_limit(kMaxHeaderBytes);
    stream_.expires_after(options_.timeout);
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](beast::error_code error, size_t) { self->OnRead(error); });
  }

 private:
  void OnRead(beast::error_code error) {
    // A peer that went away, was too slow or speaks no HTTP: closing is all there is to say.
    if (error) return;
    response_ = Answer(options_, parser_->get());
    stream_.expires_after(options_.timeout);
    http::async_write(stream_, response_, [self = shared_from_this()](beast::error_code failed, size_t) {
      if (failed) return;
      if (self->response_.keep_alive()) return self->Read();
      beast::error_code ignored;
      [[maybe_unused]] const auto closed = self->stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    });
  }

  beast::tcp_stream stream_;
  beast::flat_buffer buffer_{kMaxHeaderBytes + 1024};
  std::optional<http::request_parser<http::empty_body>> parser_;
  Response response_;
  const HttpStatusOptions& options_;
  size_t& open_;
};

class Server : public HttpStatus {
 public:
  explicit Server(HttpStatusOptions options) : options_(std::move(options)) {}
  ~Server() override {
    io_.stop();
    if (thread_.joinable()) thread_.join();
  }

  Status Start() {
    boost::system::error_code error;
    const auto address = asio::ip::make_address(options_.address, error);
    if (error)
      return Fail(ErrorCode::kInvalidArgument, fmt::format("'{}' is no IP address (like 127.0.0.1)", options_.address));
    const tcp::endpoint endpoint(address, options_.port);
    const auto failed = [&] {
      if (error == asio::error::address_in_use)
        return Fail(ErrorCode::kAlreadyExists,
                    fmt::format("port {} is taken by another program: use another one, or 0 for any", options_.port));
      return std::unexpected(posix::PosixError(error.value(), fmt::format("listening on {}", options_.address)));
    };
    if (acceptor_.open(endpoint.protocol(), error)) return failed();
    if (acceptor_.set_option(tcp::acceptor::reuse_address(true), error)) return failed();
    if (acceptor_.bind(endpoint, error)) return failed();
    if (acceptor_.listen(asio::socket_base::max_listen_connections, error)) return failed();
    const tcp::endpoint bound = acceptor_.local_endpoint(error);
    if (error) return failed();
    address_ = address.is_v6() ? fmt::format("[{}]:{}", bound.address().to_string(), bound.port())
                               : fmt::format("{}:{}", bound.address().to_string(), bound.port());
    Accept();
    thread_ = std::jthread([this] { io_.run(); });
    return {};
  }

  std::string address() const override { return address_; }

 private:
  void Accept() {
    acceptor_.async_accept([this](boost::system::error_code error, tcp::socket socket) {
      if (!error && open_ < options_.max_connections) {
        std::make_shared<Connection>(std::move(socket), options_, open_)->Read();
      }
      if (error) {
        // Out of descriptors, most likely: trying again at once would only burn the processor.
        pause_.expires_after(std::chrono::milliseconds(100));
        pause_.async_wait([this](boost::system::error_code) { Accept(); });
      } else {
        Accept();
      }
    });
  }

  HttpStatusOptions options_;
  size_t open_ = 0;  // the server's thread only
  asio::io_context io_{1};
  tcp::acceptor acceptor_{io_};
  asio::steady_timer pause_{io_};
  std::string address_;
  std::jthread thread_;
};

}  // namespace

Result<std::unique_ptr<HttpStatus>> MakeHttpStatus(HttpStatusOptions options) {
  auto server = std::make_unique<Server>(std::move(options));
  SESHAT_TRY(server->Start());
  return server;
}

}  // namespace seshat::http_status
