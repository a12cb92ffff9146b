#include "support/http_server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <condition_variable>
#include <csignal>
#include <list>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "core/digest/sha256.h"
#include "support/http_connection.h"

namespace seshat::testing {
namespace {

constexpr size_t kKeptBody = size_t{4} << 20;

std::string Lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

bool ReadHead(HttpConnection& connection, ReceivedRequest& request) {
  std::string line;
  if (!connection.ReadLine(line)) return false;
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == std::string::npos || first == last) return false;
  request.method = line.substr(0, first);
  request.target = line.substr(first + 1, last - first - 1);
  const size_t question = std::min(request.target.find('?'), request.target.size());
  request.path = request.target.substr(0, question);
  if (question < request.target.size()) request.query = request.target.substr(question + 1);
  while (connection.ReadLine(line)) {
    if (line.empty()) return true;
    const size_t colon = std::min(line.find(':'), line.size());
    const size_t value = std::min(line.find_first_not_of(' ', colon + 1), line.size());
    request.headers.emplace_back(Lower(line.substr(0, colon)), line.substr(value));
  }
  return false;
}

uint64_t Number(std::string_view text) {
  uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// False: the connection ended before the whole body was there, or `limit` was reached.
bool ReadBody(HttpConnection& connection, ReceivedRequest& request, std::optional<uint64_t> limit) {
  const uint64_t length = Number(request.header("content-length"));
  const uint64_t wanted = std::min(length, limit.value_or(length));
  Sha256Hasher hasher;
  std::vector<char> chunk(size_t{256} << 10);
  while (request.body_bytes < wanted) {
    const size_t got = connection.Read(chunk.data(), std::min<uint64_t>(chunk.size(), wanted - request.body_bytes));
    if (got == 0) return false;
    const std::string_view bytes(chunk.data(), got);
    hasher.Update(AsBytes(bytes));
    request.body_bytes += got;
    request.body.append(bytes.substr(0, kKeptBody - std::min(kKeptBody, request.body.size())));
  }
  request.body_sha256 = hasher.Finish().ToHex();
  return !limit || *limit >= length;
}

std::string Head(const HttpAnswer& answer) {
  std::string head = fmt::format("HTTP/1.1 {} Scripted\r\n", answer.status);
  bool has_length = answer.status == 204 || answer.status == 304;
  for (const auto& [name, value] : answer.headers) {
    head += fmt::format("{}: {}\r\n", name, value);
    has_length = has_length || Lower(name) == "content-length" || Lower(name) == "transfer-encoding";
  }
  if (!has_length) head += fmt::format("Content-Length: {}\r\n", answer.body.size());
  return head + "\r\n";
}

}  // namespace

std::string ReceivedRequest::header(std::string_view lower_name) const {
  for (const auto& [name, value] : headers)
    if (name == lower_name) return value;
  return {};
}

bool ReceivedRequest::has_header(std::string_view lower_name) const {
  return std::ranges::any_of(headers, [&](const auto& header) { return header.first == lower_name; });
}

struct HttpServer::State {
  struct Running {
    std::unique_ptr<HttpConnection> connection;
    std::thread thread;
  };

  Handler handler;
  Options options;
  posix::UniqueFd listener;
  uint16_t port = 0;
  SSL_CTX* tls = nullptr;
  mutable std::mutex mutex;
  mutable std::condition_variable changed;
  bool stopping = false;
  std::vector<ReceivedRequest> requests;
  std::list<Running> running;
  std::mutex handling;
  std::thread acceptor;

  void Listen() {
    listener = posix::UniqueFd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(listener.get(), generic, size) != 0 || listen(listener.get(), 512) != 0 ||
        getsockname(listener.get(), generic, &size) != 0)
      throw std::runtime_error("the test server cannot listen on 127.0.0.1");
    port = ntohs(address.sin_port);
  }

  void UseTls() {
    if (options.certificate_file.empty()) return;
    // OpenSSL writes with write(2), which raises SIGPIPE where the client has gone.
    std::signal(SIGPIPE, SIG_IGN);
    tls = SSL_CTX_new(TLS_server_method());
    if (tls == nullptr || SSL_CTX_use_certificate_chain_file(tls, options.certificate_file.c_str()) != 1 ||
        SSL_CTX_use_PrivateKey_file(tls, options.key_file.c_str(), SSL_FILETYPE_PEM) != 1)
      throw std::runtime_error("the test server cannot use its certificate");
  }

  void Accept() {
    for (size_t number = 0;; ++number) {
      posix::UniqueFd fd(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
      const std::lock_guard lock(mutex);
      if (stopping || !fd.valid()) return;
      const int on = 1;
      setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      Running& one = running.emplace_back();
      one.connection = std::make_unique<HttpConnection>(std::move(fd), tls);
      one.thread = std::thread([this, &connection = *one.connection, number] { Serve(connection, number); });
    }
  }

  void Serve(HttpConnection& connection, size_t number) {
    if (!connection.Handshake()) return connection.Close(false);
    for (;;) {
      ReceivedRequest request;
      request.connection = number;
      if (!ReadHead(connection, request)) return connection.Close(false);
      if (request.header("expect") == "100-continue") connection.Write("HTTP/1.1 100 Continue\r\n\r\n");
      const auto limit = options.reset_body_at ? options.reset_body_at(request) : std::optional<uint64_t>();
      if (!ReadBody(connection, request, limit)) return connection.Close(limit.has_value());
      const HttpAnswer answer = Handle(request);
      if (!Send(connection, request, answer)) return;
    }
  }

  HttpAnswer Handle(ReceivedRequest& request) {
    const std::lock_guard one_at_a_time(handling);
    {
      const std::lock_guard lock(mutex);
      request.number = requests.size();
      requests.push_back(request);
    }
    changed.notify_all();
    return handler(request);
  }

  // False: the connection is over.
  bool Send(HttpConnection& connection, const ReceivedRequest& request, const HttpAnswer& answer) {
    if (answer.black_hole) {
      connection.WaitForClose();
      connection.Close(false);
      return false;
    }
    std::string bytes = Head(answer);
    const size_t head = bytes.size();
    if (request.method != "HEAD") bytes += answer.body;
    const bool cut = answer.cut_after && *answer.cut_after <= bytes.size();
    if (cut) bytes.resize(*answer.cut_after);
    bool sent = false;
    if (answer.between_bytes.count() > 0) {
      sent = connection.Write(std::string_view(bytes).substr(0, head)) &&
             Trickle(connection, std::string_view(bytes).substr(std::min(head, bytes.size())), answer.between_bytes);
    } else {
      sent = connection.Write(bytes);
    }
    if (answer.tunnel_to != 0) connection.TunnelTo(answer.tunnel_to);
    if (sent && !cut && !answer.close && answer.tunnel_to == 0) return true;
    connection.Close(answer.reset);
    return false;
  }

  bool Trickle(HttpConnection& connection, std::string_view bytes, std::chrono::milliseconds pause) {
    for (const char& byte : bytes) {
      std::unique_lock lock(mutex);
      if (changed.wait_for(lock, pause, [&] { return stopping; })) return false;
      lock.unlock();
      if (!connection.Write({&byte, 1})) return false;
    }
    return true;
  }

  void Stop() {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
      shutdown(listener.get(), SHUT_RDWR);
      for (Running& one : running) one.connection->Interrupt();
    }
    changed.notify_all();
    if (acceptor.joinable()) acceptor.join();
    for (Running& one : running) one.thread.join();
    SSL_CTX_free(tls);
  }
};

HttpServer::HttpServer(Handler handler) : HttpServer(std::move(handler), Options{}) {}

HttpServer::HttpServer(Handler handler, Options options) : state_(std::make_unique<State>()) {
  state_->handler = std::move(handler);
  state_->options = std::move(options);
  state_->UseTls();
  state_->Listen();
  state_->acceptor = std::thread([this] { state_->Accept(); });
}

HttpServer::~HttpServer() { state_->Stop(); }

uint16_t HttpServer::port() const { return state_->port; }

std::string HttpServer::url() const {
  // By name with TLS, so that tests exercise the check of the name too.
  return state_->tls != nullptr ? fmt::format("https://localhost:{}", port())
                                : fmt::format("http://127.0.0.1:{}", port());
}

std::vector<ReceivedRequest> HttpServer::requests() const {
  const std::lock_guard lock(state_->mutex);
  return state_->requests;
}

size_t HttpServer::connections() const {
  const std::lock_guard lock(state_->mutex);
  return state_->running.size();
}

bool HttpServer::WaitForRequests(size_t count) const {
  std::unique_lock lock(state_->mutex);
  return state_->changed.wait_for(lock, std::chrono::seconds(10), [&] { return state_->requests.size() >= count; });
}

HttpServer::Handler HttpServer::Script(std::vector<HttpAnswer> answers) {
  return [answers = std::move(answers)](const ReceivedRequest& request) {
    return answers.at(std::min(request.number, answers.size() - 1));
  };
}

}  // namespace seshat::testing
