// An S3 that keeps nothing: the other end for benchmarks, on one thread. It takes objects and throws their bytes away,
// remembers names and sizes, and serves as many bytes as it took. No signature is checked; a checksum that a client
// sends is told back, and an ETag follows from Content-MD5 as that of S3 does.
//
//   emulated_s3 [--latency-ms N] [--bytes-per-second N] [--puts-per-second N] [--certificate PEM]
//               [--objects N --object-bytes N]
//
// --latency-ms: every answer comes so much later, --bytes-per-second: a connection moves no more than that,
// --puts-per-second: more PUTs are answered 503 SlowDown. --certificate: TLS 1.3, with certificate and key from this
// file. --objects: get/00000.bin and so on are there. Prints its port. GET /-/counts tells how many PUTs were accepted and refused. Ends with its standard input.
#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstring>
#include <ctime>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/hex.h"
#include "core/digest/crc64nvme.h"
#include "platform/aws/sigv4.h"

namespace seshat::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;

constexpr size_t kBlock = 1 << 20;

struct Settings {
  std::chrono::milliseconds latency{0};
  double bytes_per_second = 0;
  double puts_per_second = 0;
  std::string certificate;
  uint64_t objects = 0;
  uint64_t object_bytes = 0;
};

uint64_t Number(std::string_view text) {
  uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

struct Head {
  std::string method;
  std::string path;                            // decoded
  std::string query;                           // as it came
  std::map<std::string, std::string> headers;  // names in lower case

  std::string Header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
  std::string Parameter(std::string_view name) const {
    for (size_t begin = 0; begin < query.size();) {
      const size_t end = std::min(query.find('&', begin), query.size());
      const std::string_view pair = std::string_view(query).substr(begin, end - begin);
      if (pair.substr(0, pair.find('=')) == name)
        return pair.find('=') == std::string_view::npos ? "" : aws::UriDecode(pair.substr(name.size() + 1));
      begin = end + 1;
    }
    return {};
  }
  bool Has(std::string_view name) const {
    return query == name || query.starts_with(std::string(name) + "=") ||
           query.find("&" + std::string(name)) != std::string::npos;
  }
};

Head ParseHead(std::string_view text) {
  Head head;
  const size_t line_end = text.find("\r\n");
  const std::string_view line = text.substr(0, line_end);
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  head.method = line.substr(0, first);
  std::string_view target = line.substr(first + 1, last - first - 1);
  const size_t question = target.find('?');
  if (question != std::string_view::npos) head.query = target.substr(question + 1);
  head.path = aws::UriDecode(target.substr(0, question));
  for (size_t begin = line_end + 2; begin < text.size();) {
    const size_t end = std::min(text.find("\r\n", begin), text.size());
    const std::string_view header = text.substr(begin, end - begin);
    const size_t colon = header.find(':');
    if (colon != std::string_view::npos) {
      std::string name(header.substr(0, colon));
      for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      std::string_view value = header.substr(colon + 1);
      while (value.starts_with(' ')) value.remove_prefix(1);
      head.headers[name] = value;
    }
    begin = end + 2;
  }
  return head;
}

// "Mon, 23 Nov 2026 09:00:00 GMT"
std::string DateNow() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  std::array<char, 64> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc)};
}

// The 16 bytes of a Content-MD5 header; empty where there is none.
std::string Md5From(const std::string& base64) {
  std::array<unsigned char, 32> bytes{};
  if (base64.size() != 24) return {};
  const int got = EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(base64.data()), 24);
  return got < 16 ? std::string() : std::string(reinterpret_cast<const char*>(bytes.data()), 16);
}

// One that is no digest, as that of an object that S3 encrypts with a key of its owner.
constexpr std::string_view kSomeETag = "0123456789abcdef0123456789abcdef-1";

std::string ETagOfParts(const std::map<uint64_t, std::string>& md5s) {
  std::string all;
  for (const auto& [number, md5] : md5s) {
    if (md5.empty()) return std::string(kSomeETag);
    all += md5;
  }
  std::array<std::byte, 16> digest{};
  EVP_Digest(all.data(), all.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr, EVP_md5(), nullptr);
  return fmt::format("{}-{}", HexEncode(digest), md5s.size());
}

struct Object {
  uint64_t bytes = 0;
  std::string etag;
};

struct Upload {
  uint64_t bytes = 0;
  std::map<uint64_t, std::string> md5s;  // by part number
};

struct Answer {
  std::string text;     // head and short body
  uint64_t bytes = 0;   // of the object, behind it
  uint64_t offset = 0;  // of these in the object
};

// What the bucket knows.
class Bucket {
 public:
  explicit Bucket(const Settings& settings) : settings_(settings), tokens_(settings.puts_per_second / 20) {
    for (uint64_t i = 0; i < settings.objects; ++i)
      objects_[fmt::format("get/{:05}.bin", i)] = {settings.object_bytes, std::string(kSomeETag)};
  }

  Answer Serve(const Head& head, uint64_t body_bytes, Time now) {
    if (head.path == "/-/counts")
      return Text(200, fmt::format("{{\"accepted\": {}, \"refused\": {}}}", accepted_, refused_), "");
    if (head.method == "PUT") return Put(head, body_bytes, now);
    if (head.method == "POST" && head.Has("uploads"))
      return Text(200,
                  fmt::format("<?xml version=\"1.0\"?><InitiateMultipartUploadResult><Bucket>b</Bucket><Key>k</Key>"
                              "<UploadId>u{}</UploadId></InitiateMultipartUploadResult>",
                              ++uploads_),
                  "");
    if (head.method == "POST" && head.Has("uploadId")) return Complete(head);
    if (head.method == "DELETE") return Text(204, "", "");
    if (head.method == "GET" && Key(head).empty()) return List(head);
    return Read(head);
  }

 private:
  static std::string Key(const Head& head) {
    const size_t slash = head.path.find('/', 1);
    return slash == std::string::npos ? "" : head.path.substr(slash + 1);
  }

  static Answer Text(int status, std::string_view body, std::string_view headers) {
    const std::string_view length = status == 204 ? "" : "Content-Length: ";
    return {fmt::format("HTTP/1.1 {} X\r\nDate: {}\r\n{}{}{}{}\r\n{}", status, DateNow(), headers, length,
                        status == 204 ? "" : fmt::to_string(body.size()), status == 204 ? "" : "\r\n", body)};
  }

  Answer Put(const Head& head, uint64_t body_bytes, Time now) {
    if (settings_.puts_per_second > 0) {
      tokens_ = std::min(settings_.puts_per_second / 20,
                         tokens_ + settings_.puts_per_second * std::chrono::duration<double>(now - filled_).count());
      filled_ = now;
      if (tokens_ < 1) {
        ++refused_;
        return Text(503, "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>", "");
      }
      tokens_ -= 1;
    }
    ++accepted_;
    const std::string decoded = head.Header("x-amz-decoded-content-length");
    const uint64_t size = decoded.empty() ? body_bytes : Number(decoded);
    const std::string upload = head.Parameter("uploadId");
    const std::string md5 = Md5From(head.Header("content-md5"));
    const std::string etag = md5.empty() ? std::string(kSomeETag) : HexEncode(AsBytes(md5));
    if (upload.empty()) {
      objects_[Key(head)] = {size, etag};
    } else {
      Upload& parts = parts_[upload];
      parts.bytes += size;
      parts.md5s[Number(head.Parameter("partNumber"))] = md5;
    }
    std::string headers = fmt::format("ETag: \"{}\"\r\n", etag);
    if (const std::string crc = head.Header("x-amz-checksum-crc64nvme"); !crc.empty())
      headers += fmt::format("x-amz-checksum-crc64nvme: {}\r\n", crc);
    return Text(200, "", headers);
  }

  Answer Complete(const Head& head) {
    const std::string upload = head.Parameter("uploadId");
    const Object object{parts_[upload].bytes, ETagOfParts(parts_[upload].md5s)};
    objects_[Key(head)] = object;
    parts_.erase(upload);
    return Text(200,
                fmt::format("<?xml version=\"1.0\"?><CompleteMultipartUploadResult><Key>k</Key>"
                            "<ETag>\"{}\"</ETag></CompleteMultipartUploadResult>",
                            object.etag),
                "");
  }

  Answer List(const Head& head) {
    const std::string prefix = head.Parameter("prefix");
    std::string after =
        std::max({head.Parameter("start-after"), head.Parameter("continuation-token"), head.Parameter("marker")});
    auto entry = objects_.lower_bound(prefix);
    if (!after.empty()) entry = std::max(after, prefix) == prefix ? entry : objects_.upper_bound(after);
    std::string body;
    size_t count = 0;
    std::string last;
    for (; entry != objects_.end() && entry->first.starts_with(prefix) && count < 1000; ++entry, ++count) {
      last = entry->first;
      body += fmt::format(
          "<Contents><Key>{}</Key><LastModified>2026-11-23T09:00:00.000Z</LastModified><ETag>"
          "&quot;{}&quot;</ETag><Size>{}</Size><StorageClass>STANDARD"
          "</StorageClass></Contents>",
          last, entry->second.etag, entry->second.bytes);
    }
    const bool truncated = entry != objects_.end() && entry->first.starts_with(prefix);
    return Text(
        200,
        fmt::format(
            "<?xml version=\"1.0\"?><ListBucketResult><Name>b</Name><KeyCount>{}</KeyCount>"
            "<IsTruncated>{}</IsTruncated>{}{}</ListBucketResult>",
            count, truncated,
            truncated
                ? fmt::format("<NextContinuationToken>{0}</NextContinuationToken><NextMarker>{0}</NextMarker>", last)
                : "",
            body),
        "");
  }

  Answer Read(const Head& head) {
    const auto found = objects_.find(Key(head));
    if (found == objects_.end())
      return Text(404, head.method == "HEAD" ? "" : "<Error><Code>NoSuchKey</Code></Error>", "");
    const uint64_t size = found->second.bytes;
    uint64_t first = 0;
    uint64_t last = size == 0 ? 0 : size - 1;
    std::string range;
    if (const std::string asked = head.Header("range"); asked.starts_with("bytes=") && size > 0) {
      first = Number(asked.substr(6));
      const std::string_view end = std::string_view(asked).substr(asked.find('-') + 1);
      if (!end.empty()) last = std::min(last, Number(end));
      range = fmt::format("Content-Range: bytes {}-{}/{}\r\n", first, last, size);
    }
    const uint64_t bytes = size == 0 ? 0 : last - first + 1;
    Answer answer{
        fmt::format("HTTP/1.1 {} X\r\nLast-Modified: Mon, 23 Nov 2026 09:00:00 GMT\r\nAccept-Ranges: bytes\r\n"
                    "ETag: \"{}\"\r\n{}{}Content-Length: {}\r\n\r\n",
                    range.empty() ? 200 : 206, found->second.etag, range,
                    range.empty() ? fmt::format("x-amz-checksum-crc64nvme: {}\r\n", ChecksumOf(size)) : "", bytes),
        bytes, first};
    if (head.method == "HEAD") answer.bytes = 0;
    return answer;
  }

  std::string ChecksumOf(uint64_t size);

  const Settings& settings_;
  std::map<std::string, Object> objects_;
  std::unordered_map<std::string, Upload> parts_;
  std::unordered_map<uint64_t, std::string> checksums_;
  uint64_t uploads_ = 0;
  uint64_t accepted_ = 0;
  uint64_t refused_ = 0;
  double tokens_;
  Time filled_ = Clock::now();
};

// The bytes of every object: this block, again and again.
const std::string& Pattern() {
  static const std::string block = [] {
    std::string bytes(kBlock, '\0');
    uint64_t state = 1;
    for (size_t i = 0; i < bytes.size(); i += 8) {
      state = state * 6364136223846793005U + 1442695040888963407U;
      std::memcpy(&bytes[i], &state, 8);
    }
    return bytes;
  }();
  return block;
}

std::string Bucket::ChecksumOf(uint64_t size) {
  std::string& known = checksums_[size];
  if (!known.empty()) return known;
  uint64_t crc = 0;
  for (uint64_t done = 0; done < size; done += kBlock)
    crc = digest::Crc64Nvme(AsBytes(Pattern()).first(std::min<uint64_t>(kBlock, size - done)), crc);
  return known = digest::Crc64NvmeBase64(crc);
}

class Connection {
 public:
  Connection(int fd, SSL_CTX* tls, const Settings& settings, Bucket& bucket)
      : fd_(fd), settings_(settings), bucket_(bucket) {
    if (tls != nullptr) {
      ssl_.reset(SSL_new(tls));
      SSL_set_fd(ssl_.get(), fd);
      SSL_set_accept_state(ssl_.get());
    }
  }
  ~Connection() { ::close(fd_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  std::optional<Time> due;  // when the answer may go out
  bool wants_write() const { return !out_.empty() || body_left_ > 0; }

  // False: it is over.
  bool Run(std::vector<char>& scratch) {
    while (true) {
      if (due) return Clock::now() < *due || Release();
      if (wants_write()) {
        if (!Write()) return false;
        if (wants_write()) return true;
        continue;
      }
      const ssize_t got = Receive(scratch);
      if (got == 0) return false;
      if (got < 0) return true;
    }
  }

 private:
  struct FreeSsl {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };

  bool Release() {
    due.reset();
    return true;
  }

  // More than 0: moved on; 0: closed; less: nothing at the moment.
  ssize_t Receive(std::vector<char>& scratch) {
    const bool in_body = head_ && request_left_ > 0;
    const size_t most = in_body ? std::min<uint64_t>(scratch.size(), request_left_) : 64 << 10;
    ssize_t got = 0;
    if (ssl_) {
      got = SSL_read(ssl_.get(), scratch.data(), static_cast<int>(most));
      if (got <= 0) {
        const int why = SSL_get_error(ssl_.get(), static_cast<int>(got));
        return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? -1 : 0;
      }
    } else {
      // The kernel throws a body's bytes away by itself.
      got = ::recv(fd_, scratch.data(), most, MSG_DONTWAIT | (in_body ? MSG_TRUNC : 0));
      if (got < 0) return errno == EAGAIN ? -1 : 0;
      if (got == 0) return 0;
    }
    if (in_body) {
      request_left_ -= static_cast<uint64_t>(got);
      if (request_left_ == 0) EndRequest();
      return got;
    }
    in_.append(scratch.data(), static_cast<size_t>(got));
    const size_t end = in_.find("\r\n\r\n");
    if (end != std::string::npos) BeginRequest(end);
    return got;
  }

  void BeginRequest(size_t end) {
    head_ = ParseHead(std::string_view(in_).substr(0, end + 2));
    begun_ = Clock::now();
    request_bytes_ = Number(head_->Header("content-length"));
    if (!head_->Header("expect").empty()) out_ = "HTTP/1.1 100 Continue\r\n\r\n";
    const uint64_t here = in_.size() - end - 4;
    in_.clear();
    request_left_ = request_bytes_ - std::min(request_bytes_, here);
    if (request_left_ == 0) EndRequest();
  }

  void EndRequest() {
    Answer answer = bucket_.Serve(*head_, request_bytes_, begun_);
    head_.reset();
    out_ += answer.text;
    body_left_ = answer.bytes;
    body_at_ = answer.offset;
    const double seconds = settings_.bytes_per_second > 0
                               ? static_cast<double>(request_bytes_ + answer.bytes) / settings_.bytes_per_second
                               : 0;
    if (settings_.latency.count() > 0 || seconds > 0)
      due = begun_ + settings_.latency +
            std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  }

  bool Write() {
    while (!out_.empty() || body_left_ > 0) {
      const size_t at = body_at_ % kBlock;
      const std::string_view data =
          !out_.empty() ? std::string_view(out_)
                        : std::string_view(Pattern()).substr(at, std::min<uint64_t>(kBlock - at, body_left_));
      const ssize_t sent = ssl_ ? SSL_write(ssl_.get(), data.data(), static_cast<int>(data.size()))
                                : ::send(fd_, data.data(), data.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent <= 0)
        return ssl_ ? SSL_get_error(ssl_.get(), static_cast<int>(sent)) == SSL_ERROR_WANT_WRITE : errno == EAGAIN;
      if (!out_.empty()) {
        out_.erase(0, static_cast<size_t>(sent));
      } else {
        body_left_ -= static_cast<uint64_t>(sent);
        body_at_ += static_cast<uint64_t>(sent);
      }
    }
    return true;
  }

  int fd_;
  const Settings& settings_;
  Bucket& bucket_;
  std::unique_ptr<SSL, FreeSsl> ssl_;
  std::string in_;
  std::optional<Head> head_;
  Time begun_{};
  uint64_t request_bytes_ = 0;
  uint64_t request_left_ = 0;
  std::string out_;
  uint64_t body_left_ = 0;
  uint64_t body_at_ = 0;
};

class Server {
 public:
  explicit Server(const Settings& settings) : settings_(settings), bucket_(settings_), scratch_(kBlock) {}

  int Run() {
    if (!settings_.certificate.empty()) {
      tls_ = SSL_CTX_new(TLS_server_method());
      SSL_CTX_set_min_proto_version(tls_, TLS1_3_VERSION);
      SSL_CTX_set_mode(tls_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
      if (SSL_CTX_use_certificate_file(tls_, settings_.certificate.c_str(), SSL_FILETYPE_PEM) != 1 ||
          SSL_CTX_use_PrivateKey_file(tls_, settings_.certificate.c_str(), SSL_FILETYPE_PEM) != 1)
        return 1;
    }
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), length) != 0 || ::listen(listener_, 1024) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0)
      return 1;
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    Watch(listener_, EPOLLIN);
    Watch(STDIN_FILENO, EPOLLIN);
    fmt::print("{}\n", ntohs(address.sin_port));
    std::fflush(stdout);
    while (Step()) {
    }
    return 0;
  }

 private:
  void Watch(int fd, uint32_t events, int how = EPOLL_CTL_ADD) {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    ::epoll_ctl(epoll_, how, fd, &event);
  }

  bool Step() {
    int timeout = -1;
    if (!timers_.empty())
      timeout = static_cast<int>(std::max<int64_t>(
          0, std::chrono::ceil<std::chrono::milliseconds>(timers_.top().first - Clock::now()).count()));
    epoll_event events[128];
    const int count = ::epoll_wait(epoll_, events, 128, timeout);
    for (int i = 0; i < count; ++i) {
      const int fd = events[i].data.fd;
      if (fd == STDIN_FILENO) return false;
      if (fd == listener_) {
        Accept();
      } else {
        Run(fd);
      }
    }
    while (!timers_.empty() && timers_.top().first <= Clock::now()) {
      const int fd = timers_.top().second;
      timers_.pop();
      Run(fd);
    }
    return true;
  }

  void Accept() {
    while (true) {
      const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) return;
      const int on = 1;
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      connections_[fd] = std::make_unique<Connection>(fd, tls_, settings_, bucket_);
      Watch(fd, EPOLLIN);
    }
  }

  void Run(int fd) {
    const auto found = connections_.find(fd);
    if (found == connections_.end()) return;
    Connection& connection = *found->second;
    const bool waited = connection.due.has_value();
    if (!connection.Run(scratch_)) {
      connections_.erase(found);
      return;
    }
    if (connection.due) {
      if (!waited) timers_.emplace(*connection.due, fd);
      return;
    }
    if (connection.wants_write() || writing_[fd]) {
      writing_[fd] = connection.wants_write();
      Watch(fd, writing_[fd] ? EPOLLIN | EPOLLOUT : EPOLLIN, EPOLL_CTL_MOD);
    }
  }

  using Timer = std::pair<Time, int>;
  const Settings settings_;
  Bucket bucket_;
  std::vector<char> scratch_;
  SSL_CTX* tls_ = nullptr;
  int listener_ = -1;
  int epoll_ = -1;
  std::unordered_map<int, std::unique_ptr<Connection>> connections_;
  std::unordered_map<int, bool> writing_;
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
};

}  // namespace
}  // namespace seshat::bench

int main(int argc, char** argv) {
  seshat::bench::Settings settings;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    if (name == "--latency-ms") settings.latency = std::chrono::milliseconds(seshat::bench::Number(argv[i + 1]));
    if (name == "--bytes-per-second") settings.bytes_per_second = std::strtod(argv[i + 1], nullptr);
    if (name == "--puts-per-second") settings.puts_per_second = std::strtod(argv[i + 1], nullptr);
    if (name == "--objects") settings.objects = seshat::bench::Number(argv[i + 1]);
    if (name == "--object-bytes") settings.object_bytes = seshat::bench::Number(argv[i + 1]);
    if (name == "--certificate") settings.certificate = argv[i + 1];
  }
  return seshat::bench::Server(settings).Run();
}
