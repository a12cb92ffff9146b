// HTTP requests and responses as values: what adapters that talk to servers build and read.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/error.h"

namespace seshat::http {

// Names in any case, in the order of sending. A header must not be given twice.
using HeaderList = std::vector<std::pair<std::string, std::string>>;

// Scheme, host and port: what a connection is made to.
struct Origin {
  bool tls = true;
  std::string host;   // a name, an IPv4 address, or an IPv6 address in brackets
  uint16_t port = 0;  // 0: 443 with TLS, 80 without

  bool operator==(const Origin&) const = default;
  uint16_t effective_port() const { return port != 0 ? port : tls ? uint16_t{443} : uint16_t{80}; }
  // As the Host header says it: the port only where it is not the scheme's own.
  std::string authority() const;
  std::string url() const;  // "https://host:8443", without a '/' at the end
};

struct Url {
  Origin origin;
  std::string path = "/";  // as on the wire, percent-encoded
  std::string query;       // as on the wire, without '?'
};

// "https://host[:port][/path][?query]". kInvalidArgument for anything else; a user or password is refused, because
// URLs are logged.
Result<Url> ParseUrl(std::string_view text);

// A body that is read while it is sent. Used on the client's thread only.
class BodySource {
 public:
  static constexpr size_t kNotReady = SIZE_MAX;

  virtual ~BodySource() = default;
  virtual uint64_t size() const = 0;
  // The next bytes, in order: as many as there are at hand, at most out.size() (128 KiB at a time by default); 0 only
  // at the end. kNotReady: nothing at hand, ask again after Client::Resume. An error ends the request with it.
  virtual Result<size_t> Read(MutableByteSpan out) = 0;
  // Back to the first byte: before another attempt.
  virtual Status Rewind() = 0;
};

// Nothing, bytes in memory, or a source. Bytes are not copied until they are sent: `keep` holds them until Done.
struct Body {
  ByteSpan bytes;
  std::shared_ptr<const void> keep;
  std::shared_ptr<BodySource> source;  // not null: `bytes` is not looked at

  static Body Of(std::string text);      // owns the text
  static Body Borrowed(ByteSpan bytes);  // the caller keeps the bytes until Done
  static Body From(std::shared_ptr<BodySource> source);
  uint64_t size() const { return source ? source->size() : bytes.size(); }
};

// The headers of a response. Names are looked up in any case.
class Headers {
 public:
  // The value without blanks around it; of several equal names the first.
  std::optional<std::string_view> Find(std::string_view name) const;
  std::string_view Get(std::string_view name) const { return Find(name).value_or(""); }  // empty where absent
  size_t size() const { return spans_.size(); }
  std::pair<std::string_view, std::string_view> At(size_t index) const;

  void Add(std::string_view name, std::string_view value);
  void Clear();

 private:
  struct Span {
    uint32_t name_begin, name_size, value_begin, value_size;
  };
  std::string text_;  // one allocation for all of them
  std::vector<Span> spans_;
};

// Where the body of a successful (2xx) response goes while it arrives. Used on the client's thread only.
class ResponseSink {
 public:
  virtual ~ResponseSink() = default;
  // The head has arrived; the body follows from its first byte. Called again when another attempt begins: what was
  // written before is void. An error ends the request with it.
  virtual Status Begin(int status, const Headers& headers) = 0;
  virtual Status Write(ByteSpan data) = 0;
};

struct Timeouts {
  std::chrono::milliseconds connect{10'000};  // name look-up, TCP and TLS together
  // An attempt that moves fewer than `min_bytes_per_second` of a body, in both directions together and over seconds, for
  // so long is given up; whole seconds; 0: never. A server that thinks before it answers moves nothing. At
  // 1 KiB/s a part of 8 MiB takes more than two hours: what is slower than that has stopped, though a byte may drip.
  std::chrono::seconds idle{60};
  uint32_t min_bytes_per_second = kSlowestBytesPerSecond;
  // From Start to Done, all attempts together; 0: no limit of all, but each attempt by itself ends after
  // connect + 2 · idle + the time that both bodies take at kSlowestBytesPerSecond, so that no server can hold a request
  // for ever. (A sink's body whose size is not told in advance has no such limit, and neither has an idle of 0.)
  std::chrono::milliseconds total{0};

  static constexpr uint32_t kSlowestBytesPerSecond = 1024;
};

struct Request {
  std::string method = "GET";
  Origin origin;
  std::string path = "/";  // sent as it is: percent-encoded, never resolved
  std::string query;       // sent as it is, without '?'
  // Host and Content-Length are added; Accept, User-Agent and Content-Type are not.
  HeaderList headers;
  Body body;
  // 2xx bodies go here; null, and for every other status: into Response::body.
  std::shared_ptr<ResponseSink> sink;
  uint64_t max_response_bytes = 16 << 20;  // of Response::body; more ends the request with kResourceExhausted
  Timeouts timeouts;
  bool fresh_connection = false;  // no connection that was used before
  bool expect_continue = false;   // Expect: 100-continue, for bodies that are probably refused
  // What it is for, in logs and metrics and in advice about permissions: "s3:PutObject". From a small set.
  std::string operation;
};

struct Response {
  int status = 0;
  Headers headers;
  std::string body;
  // A decorator has put right what made the server refuse (clock, credentials): the same request is worth sending
  // again at once.
  bool corrected = false;
};

// What happened on the wire.
struct Exchange {
  int attempts = 1;
  // Bytes of the (last) request may have left: without an answer, whether it took effect is unknown.
  bool sent = false;
  // An earlier attempt was sent and never clearly answered (connection lost, timeout, 5xx). So a refusal like "already
  // exists" may be the echo of this very request.
  bool unclear_before = false;
  bool new_connection = false;
  uint64_t bytes_sent = 0;  // bodies only, of the last attempt
  uint64_t bytes_received = 0;
};

// Any status is a response; an error is one of the connection, of the body, of the sink, or of the request's own
// words.
struct Outcome {
  Result<Response> response;
  Exchange exchange;
  // Given back as it came to Start, so that whoever tries again needs no copy.
  Request request;
};

// kInvalidArgument unless every part can be sent without changing the meaning of another: no CR, LF, NUL or blank where
// they would start a new header or request. Every client calls it in Start.
Status CheckRequest(const Request& request);

}  // namespace seshat::http
