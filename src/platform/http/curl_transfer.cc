#include "platform/http/curl_transfer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "platform/http/curl_api.h"
#include "platform/http/curl_error.h"

namespace seshat::http {
namespace {

// A response's head above this is no answer to anything we ask (servers themselves stop at 8–32 KiB).
constexpr size_t kMaxHeadBytes = 256 << 10;
// Above this a limit would not be heeded: 24 days, libcurl counts milliseconds.
constexpr uint64_t kMaxLimit = std::numeric_limits<int>::max();

template <typename T>
void Set(CURL* easy, CURLoption option, T value) {
  // The analyzer does not see through std::expected. NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage)
  Curl().easy_setopt(easy, option, value);
}

// curl_slist nodes and their texts, kept from request to request: libcurl only reads them.
class HeaderLines {
 public:
  void Build(const Request& request) {
    text_.clear();
    begins_.clear();
    bool has_type = false;
    for (const auto& [name, value] : request.headers) {
      // "Name:" would remove the header; "Name;" sends it empty.
      value.empty() ? Add(name, ";", "") : Add(name, ": ", value);
      has_type = has_type || (name.size() == 12 && strncasecmp(name.data(), "content-type", 12) == 0);
    }
    // What libcurl would add by itself.
    if (!has_type) Add("Content-Type", ":", "");
    Add("Accept", ":", "");
    if (!request.expect_continue) Add("Expect", ":", "");
    nodes_.resize(begins_.size());
    for (size_t i = 0; i < nodes_.size(); ++i)
      nodes_[i] = {text_.data() + begins_[i], i + 1 < nodes_.size() ? &nodes_[i + 1] : nullptr};
  }
  curl_slist* list() { return nodes_.data(); }

 private:
  void Add(std::string_view name, std::string_view mark, std::string_view value) {
    begins_.push_back(text_.size());
    text_.append(name).append(mark).append(value).push_back('\0');
  }
  std::string text_;
  std::vector<size_t> begins_;
  std::vector<curl_slist> nodes_;
};

// "HTTP/1.1 200 OK"
int StatusOf(std::string_view line) {
  const size_t blank = std::min(line.find(' '), line.size());
  int status = 0;
  std::from_chars(line.data() + std::min(blank + 1, line.size()), line.data() + line.size(), status);
  return status;
}

}  // namespace

struct CurlTransfer::State {
  CURL* easy = nullptr;
  Request request;
  RequestId id = 0;
  Response response;
  Exchange exchange;
  std::optional<Error> error;  // why a callback ended the request
  HeaderLines headers;
  std::string url;
  std::string custom_method;  // what CURLOPT_CUSTOMREQUEST has
  size_t receive_buffer_bytes = 0;
  size_t head_bytes = 0;
  bool head_done = false;
  int begun = 0;  // how often the request was sent
  std::array<char, CURL_ERROR_SIZE> detail{};

  ~State() {
    if (easy != nullptr) Curl().easy_cleanup(easy);
  }

  bool is_success() const { return response.status >= 200 && response.status < 300; }

  size_t EndWith(Error why, size_t answer) {
    if (!error) error = std::move(why);
    return answer;
  }

  // libcurl would by itself repeat a request on a new connection when a kept one turns out to be dead. Whether the first
  // one arrived is unknown then, so that is for the retrying decorator to decide, which remembers it.
  static int BeforeSending(void* self, char*, char*, int, int) {
    State& state = *static_cast<State*>(self);
    if (state.begun++ == 0) return CURL_PREREQFUNC_OK;
    state.EndWith({ErrorCode::kUnavailable,
                   fmt::format("{} closed the connection without an answer", state.request.origin.authority())},
                  0);
    return CURL_PREREQFUNC_ABORT;
  }

  static size_t Read(char* out, size_t size, size_t count, void* self) {
    State& state = *static_cast<State*>(self);
    const auto got = state.request.body.source->Read({reinterpret_cast<std::byte*>(out), size * count});
    if (!got) return state.EndWith(got.error(), CURL_READFUNC_ABORT);
    return *got == BodySource::kNotReady ? CURL_READFUNC_PAUSE : *got;
  }

  static int Seek(void* self, curl_off_t offset, int origin) {
    State& state = *static_cast<State*>(self);
    if (offset != 0 || origin != SEEK_SET) return CURL_SEEKFUNC_CANTSEEK;
    const Status back = state.request.body.source->Rewind();
    if (back) return CURL_SEEKFUNC_OK;
    state.EndWith(back.error(), 0);
    return CURL_SEEKFUNC_FAIL;
  }

  static size_t Head(char* data, size_t size, size_t count, void* self) {
    State& state = *static_cast<State*>(self);
    return state.OnHeadLine({data, size * count}) ? size * count : 0;
  }

  static size_t Write(char* data, size_t size, size_t count, void* self) {
    State& state = *static_cast<State*>(self);
    return state.OnBody(std::string_view(data, size * count)) ? size * count : 0;
  }

  bool OnHeadLine(std::string_view line) {
    head_bytes += line.size();
    if (head_bytes > kMaxHeadBytes) {
      EndWith({ErrorCode::kResourceExhausted,
               fmt::format("{} answers with more than {} bytes of headers", request.origin.authority(), kMaxHeadBytes)},
              0);
      return false;
    }
    if (line.starts_with("HTTP/") && !head_done) {
      response.status = StatusOf(line);
      response.headers.Clear();
      // It may want the next request on another machine.
      if (response.status == 503) Set(easy, CURLOPT_FORBID_REUSE, 1L);
      return true;
    }
    const size_t colon = line.find(':');
    if (colon != std::string_view::npos) {
      response.headers.Add(line.substr(0, colon), line.substr(colon + 1));
    } else if (!head_done && response.status >= 200 && line.find_first_not_of("\r\n") == std::string_view::npos) {
      head_done = true;
      return OnHead();
    }
    return true;
  }

  // How long one attempt may take; 0: as long as it moves.
  long LongestAttempt(uint64_t answer_bytes) const {
    const Timeouts& timeouts = request.timeouts;
    if (timeouts.total.count() > 0) return static_cast<long>(timeouts.total.count());
    if (timeouts.idle.count() == 0) return 0;
    const std::chrono::milliseconds waiting = timeouts.connect + 2 * timeouts.idle;
    const uint64_t moving = (request.body.size() + answer_bytes) / Timeouts::kSlowestBytesPerSecond * 1000;
    return static_cast<long>(std::min(static_cast<uint64_t>(waiting.count()) + moving, kMaxLimit));
  }

  // Now that the head says how much is to come.
  void LimitAnswer() {
    if (request.timeouts.total.count() > 0) return;
    const bool into_sink = request.sink && is_success();
    const auto told = response.headers.Find("content-length");
    uint64_t size = request.max_response_bytes;
    if (told) std::from_chars(told->data(), told->data() + told->size(), size);
    Set(easy, CURLOPT_TIMEOUT_MS, told || !into_sink ? LongestAttempt(size) : 0L);
  }

  bool OnHead() {
    LimitAnswer();
    if (request.sink && is_success()) {
      const Status begun_sink = request.sink->Begin(response.status, response.headers);
      if (!begun_sink) EndWith(begun_sink.error(), 0);
      return begun_sink.has_value();
    }
    return true;
  }

  bool OnBody(std::string_view data) {
    exchange.bytes_received += data.size();
    if (request.sink && is_success()) {
      const Status written = request.sink->Write(AsBytes(data));
      if (!written) EndWith(written.error(), 0);
      return written.has_value();
    }
    if (response.body.size() + data.size() > request.max_response_bytes) {
      EndWith({ErrorCode::kResourceExhausted, fmt::format("{} answers with more than the {} bytes that were expected",
                                                          request.origin.authority(), request.max_response_bytes)},
              0);
      return false;
    }
    response.body.append(data);
    return true;
  }

  void SetForEver(const ClientOptions& options) {
    Set(easy, CURLOPT_ERRORBUFFER, detail.data());
    Set(easy, CURLOPT_NOSIGNAL, 1L);
    Set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    Set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    Set(easy, CURLOPT_PATH_AS_IS, 1L);
    Set(easy, CURLOPT_FOLLOWLOCATION, 0L);
    Set(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    Set(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    Set(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!options.ca_file.empty()) {
      Set(easy, CURLOPT_CAINFO, options.ca_file.c_str());
      Set(easy, CURLOPT_CAPATH, nullptr);
    }
    // Set even when empty: else libcurl reads the environment.
    Set(easy, CURLOPT_PROXY, options.proxy.c_str());
    Set(easy, CURLOPT_NOPROXY, options.no_proxy.c_str());
    if (!options.proxy_user.empty()) Set(easy, CURLOPT_PROXYUSERPWD, options.proxy_user.Expose().c_str());
    Set(easy, CURLOPT_UPLOAD_BUFFERSIZE, static_cast<long>(options.upload_buffer_bytes));
    receive_buffer_bytes = options.receive_buffer_bytes;
    Set(easy, CURLOPT_PREREQFUNCTION, BeforeSending);
    Set(easy, CURLOPT_PREREQDATA, this);
    Set(easy, CURLOPT_HEADERFUNCTION, Head);
    Set(easy, CURLOPT_HEADERDATA, this);
    Set(easy, CURLOPT_WRITEFUNCTION, Write);
    Set(easy, CURLOPT_WRITEDATA, this);
    Set(easy, CURLOPT_READDATA, this);
    Set(easy, CURLOPT_SEEKDATA, this);
    Set(easy, CURLOPT_SEEKFUNCTION, Seek);
    Set(easy, CURLOPT_READFUNCTION, Read);
  }

  void SetMethodAndBody() {
    const Body& body = request.body;
    Set(easy, CURLOPT_POSTFIELDS, nullptr);
    Set(easy, CURLOPT_HTTPGET, 1L);  // undoes what the last request was
    if (body.source) {
      Set(easy, CURLOPT_UPLOAD, 1L);
      Set(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(body.size()));
    } else if (!body.bytes.empty() || request.method == "PUT" || request.method == "POST") {
      // Unlike an upload, a short body goes out in the same packet as the head.
      Set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.bytes.size()));
      Set(easy, CURLOPT_POSTFIELDS, body.bytes.empty() ? "" : AsText(body.bytes).data());
    } else if (request.method == "HEAD") {
      Set(easy, CURLOPT_NOBODY, 1L);
    }
    if (custom_method != request.method) {
      custom_method = request.method;
      Set(easy, CURLOPT_CUSTOMREQUEST, custom_method.c_str());
    }
  }

  void SetForRequest() {
    url.assign(request.origin.url()).append(request.path);
    if (!request.query.empty()) url.append("?").append(request.query);
    Set(easy, CURLOPT_URL, url.c_str());
    SetMethodAndBody();
    headers.Build(request);
    Set(easy, CURLOPT_HTTPHEADER, headers.list());
    Set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.timeouts.connect.count()));
    Set(easy, CURLOPT_TIMEOUT_MS, LongestAttempt(0));
    Set(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>(request.timeouts.idle.count()));
    Set(easy, CURLOPT_LOW_SPEED_LIMIT, static_cast<long>(request.timeouts.min_bytes_per_second));
    // What goes into memory is mostly a few hundred bytes.
    const size_t buffer = request.sink ? receive_buffer_bytes : std::min(receive_buffer_bytes, size_t{16} << 10);
    Set(easy, CURLOPT_BUFFERSIZE, static_cast<long>(buffer));
    Set(easy, CURLOPT_FRESH_CONNECT, request.fresh_connection ? 1L : 0L);
    Set(easy, CURLOPT_FORBID_REUSE, 0L);
  }
};

CurlTransfer::CurlTransfer(std::unique_ptr<State> state) : state_(std::move(state)) {}
CurlTransfer::~CurlTransfer() = default;

Result<std::unique_ptr<CurlTransfer>> CurlTransfer::Make(const ClientOptions& options) {
  auto state = std::make_unique<State>();
  state->easy = Curl().easy_init();
  if (state->easy == nullptr)
    return Fail(ErrorCode::kResourceExhausted, "libcurl cannot make a request: out of memory");
  state->SetForEver(options);
  auto transfer = std::unique_ptr<CurlTransfer>(new CurlTransfer(std::move(state)));
  Set(transfer->easy(), CURLOPT_PRIVATE, transfer.get());
  return transfer;
}

void* CurlTransfer::easy() const { return state_->easy; }
RequestId CurlTransfer::id() const { return state_->id; }

CurlTransfer& CurlTransfer::Of(void* easy) {
  char* self = nullptr;
  Curl().easy_getinfo(easy, CURLINFO_PRIVATE, &self);
  return *reinterpret_cast<CurlTransfer*>(self);
}

void CurlTransfer::Prepare(Request request, RequestId id) {
  State& state = *state_;
  state.request = std::move(request);
  state.id = id;
  state.response = {};
  state.exchange = {};
  state.error.reset();
  state.head_bytes = 0;
  state.head_done = false;
  state.begun = 0;
  state.detail[0] = '\0';
  state.SetForRequest();
}

Outcome CurlTransfer::Finish(int code) {
  State& state = *state_;
  long connections = 0;
  Curl().easy_getinfo(state.easy, CURLINFO_NUM_CONNECTS, &connections);
  curl_off_t uploaded = 0;
  Curl().easy_getinfo(state.easy, CURLINFO_SIZE_UPLOAD_T, &uploaded);
  state.exchange.new_connection = connections > 0;
  state.exchange.sent = state.begun > 0;
  state.exchange.bytes_sent = static_cast<uint64_t>(uploaded);
  Outcome outcome{Fail(ErrorCode::kInternal, ""), state.exchange, {}};
  // libcurl takes a head that breaks off for a short one.
  if (code == CURLE_OK && !state.head_done) code = CURLE_PARTIAL_FILE;
  if (state.error) {
    outcome.response = std::unexpected(*std::exchange(state.error, std::nullopt));
  } else if (code != CURLE_OK) {
    outcome.response = std::unexpected(CurlError(code, state.detail.data(), state.request.origin));
  } else {
    outcome.response = std::move(state.response);
  }
  outcome.request = std::move(state.request);
  return outcome;
}

void CurlTransfer::Resume() { Curl().easy_pause(state_->easy, CURLPAUSE_CONT); }

}  // namespace seshat::http
