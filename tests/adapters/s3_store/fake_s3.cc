#include "fake_s3.h"

#include <fmt/format.h>

#include <cstring>
#include <deque>

#include "core/digest/crc64nvme.h"
#include "platform/aws/sigv4.h"

namespace seshat::testing {
namespace {

std::string QueryValue(std::string_view query, std::string_view name) {
  for (size_t begin = 0; begin <= query.size();) {
    const size_t end = std::min(query.find('&', begin), query.size());
    const std::string_view pair = query.substr(begin, end - begin);
    if (pair.starts_with(std::string(name) + "=")) return aws::UriDecode(pair.substr(name.size() + 1));
    begin = end + 1;
  }
  return {};
}

std::string BytesOf(http::Body& body) {
  if (!body.source) return std::string(AsText(body.bytes));
  std::string bytes(body.source->size(), '\0');
  for (size_t got = 0; got < bytes.size();) {
    const auto some = body.source->Read(std::as_writable_bytes(std::span(bytes)).subspan(got));
    if (!some || *some == 0) break;
    got += *some;
  }
  return bytes;
}

http::Response Answer(int status, std::string body = {}) { return {.status = status, .body = std::move(body)}; }
http::Response Refusal(int status, std::string_view code) { return Answer(status, ErrorBody(code)); }

std::string CrcOf(std::string_view bytes) { return digest::Crc64NvmeBase64(digest::Crc64Nvme(AsBytes(bytes))); }

class FakeClient : public http::Client {
 public:
  explicit FakeClient(FakeS3& server) : server_(server) {}

  http::RequestId Start(http::Request request, http::Done done) override {
    queue_.push_back({++last_, std::move(request), std::move(done), false});
    return last_;
  }
  void Cancel(http::RequestId id) override {
    for (Entry& entry : queue_)
      if (entry.id == id) entry.cancelled = true;
  }
  void Resume(http::RequestId) override {}
  void Poll(std::chrono::milliseconds) override {
    const size_t now = queue_.size();
    for (size_t i = 0; i < now; ++i) {
      Entry entry = std::move(queue_.front());
      queue_.pop_front();
      if (entry.cancelled) {
        entry.done({Fail(ErrorCode::kCancelled, "cancelled"), {}, std::move(entry.request)});
      } else {
        entry.done(server_.Handle(std::move(entry.request)));
      }
    }
  }
  void Wake() override {}
  size_t in_flight() const override { return queue_.size(); }

 private:
  struct Entry {
    http::RequestId id;
    http::Request request;
    http::Done done;
    bool cancelled;
  };
  FakeS3& server_;
  std::deque<Entry> queue_;
  http::RequestId last_ = 0;
};

class FakeService : public aws::Service {
 public:
  explicit FakeService(FakeS3& server) : server_(server) {}
  Result<std::unique_ptr<http::Client>> MakeClient() override { return std::make_unique<FakeClient>(server_); }
  std::unique_ptr<http::Sender> MakeSender() override {
    return http::MakeSender([this] { return MakeClient(); });
  }
  Result<Secret> Presign(const http::Request& request, std::chrono::seconds valid) override {
    return Secret(fmt::format("{} {}{} {}", request.method, request.origin.url(), request.path, valid.count()));
  }

 private:
  FakeS3& server_;
};

}  // namespace

std::string Header(const http::HeaderList& headers, std::string_view name) {
  for (const auto& [key, value] : headers)
    if (key == name) return value;
  return {};
}

std::string ErrorBody(std::string_view code) {
  return fmt::format("<?xml version=\"1.0\"?><Error><Code>{}</Code><Message>said the server</Message></Error>", code);
}

http::Outcome FakeS3::Handle(http::Request request) {
  operations.push_back(request.operation);
  http::Outcome outcome;
  const std::string body = BytesOf(request.body);
  const Fate doom = fate ? fate(operations.size(), request) : Fate{};
  outcome.exchange.sent = doom.kind != Fate::Kind::kNotSent;
  switch (doom.kind) {
    case Fate::Kind::kNotSent:
      outcome.response = Fail(ErrorCode::kUnavailable, "the connection was refused");
      break;
    case Fate::Kind::kLost:
      Serve(request, body);
      outcome.response = Fail(ErrorCode::kUnavailable, "the connection was lost");
      break;
    case Fate::Kind::kEchoed:
      Serve(request, body);
      outcome.exchange.unclear_before = true;
      outcome.response = Serve(request, body);
      break;
    case Fate::Kind::kAnswered:
      outcome.response = Answer(doom.status, doom.body);
      break;
    case Fate::Kind::kServed:
      outcome.response = Serve(request, body);
      break;
  }
  if (outcome.response && tamper) tamper(*outcome.response);
  if (outcome.response && request.sink && outcome.response->status / 100 == 2) {
    Status taken = request.sink->Begin(outcome.response->status, outcome.response->headers);
    if (taken) taken = request.sink->Write(AsBytes(outcome.response->body));
    if (!taken) outcome.response = std::unexpected(taken.error());
  }
  outcome.exchange.bytes_sent = body.size();
  outcome.request = std::move(request);
  http::Request kept = outcome.request;
  kept.body = {};
  kept.sink.reset();
  requests_.push_back(std::move(kept));
  return outcome;
}

size_t FakeS3::Count(std::string_view method, std::string_view query_part) const {
  size_t count = 0;
  for (const auto& request : requests_)
    if (request.method == method && request.query.find(query_part) != std::string::npos) ++count;
  return count;
}

http::Response FakeS3::Serve(const http::Request& request, const std::string& body) {
  const std::string key = aws::UriDecode(request.path.substr(1));
  const std::string id = QueryValue(request.query, "uploadId");
  const std::string crc = Header(request.headers, "x-amz-checksum-crc64nvme");
  if (request.method == "POST" && request.query == "uploads=") {
    const std::string made = fmt::format("upload+{}/", ++next_upload_);
    uploads[made] = {.key = key, .headers = request.headers, .parts = {}};
    return Answer(200, fmt::format("<InitiateMultipartUploadResult><UploadId>{}</UploadId>"
                                   "</InitiateMultipartUploadResult>",
                                   made));
  }
  if (!id.empty() && !uploads.contains(id)) return Refusal(404, "NoSuchUpload");
  if (request.method == "PUT" && !body.empty() && !crc.empty() && crc != CrcOf(body)) return Refusal(400, "BadDigest");
  if (request.method == "PUT") return id.empty() ? PutObject(request, key, body) : PutPart(request, id, body);
  if (request.method == "POST" && !id.empty()) return Complete(request, id);
  if (request.method == "DELETE") {
    uploads.erase(id);
    return Answer(204);
  }
  if (request.method == "GET" && !id.empty()) return ListParts(id);
  return Read(request, key);
}

http::Response FakeS3::PutObject(const http::Request& request, const std::string& key, const std::string& body) {
  const std::string hash = Header(request.headers, "x-amz-content-sha256");
  if (hash != "UNSIGNED-PAYLOAD" && hash != Sha256::Of(AsBytes(body)).ToHex())
    return Refusal(400, "XAmzContentSHA256Mismatch");
  if (Header(request.headers, "if-none-match") != "*") return Refusal(403, "AccessDenied");
  if (!objects.emplace(key, FakeObject{body, request.headers}).second) return Refusal(412, "PreconditionFailed");
  http::Response made = Answer(200);
  made.headers.Add("x-amz-checksum-crc64nvme", CrcOf(body));
  return made;
}

http::Response FakeS3::PutPart(const http::Request& request, const std::string& id, const std::string& body) {
  const auto number = static_cast<uint32_t>(std::stoul(QueryValue(request.query, "partNumber")));
  auto [part, fresh] = uploads[id].parts.try_emplace(number, FakePart{body});
  if (!fresh) part->second = {body, part->second.times + 1};
  http::Response made = Answer(200);
  made.headers.Add("etag", fmt::format("\"{}\"", CrcOf(body)));
  made.headers.Add("x-amz-checksum-crc64nvme", CrcOf(body));
  return made;
}

http::Response FakeS3::Complete(const http::Request& request, const std::string& id) {
  const FakeUpload& upload = uploads[id];
  if (Header(request.headers, "if-none-match") != "*") return Refusal(403, "AccessDenied");
  if (objects.contains(upload.key)) return Refusal(412, "PreconditionFailed");
  std::string bytes;
  for (const auto& [number, part] : upload.parts) bytes += part.bytes;
  if (Header(request.headers, "x-amz-checksum-crc64nvme") != CrcOf(bytes)) return Refusal(400, "BadDigest");
  const std::string crc = CrcOf(bytes);
  objects[upload.key] = {std::move(bytes), upload.headers};
  uploads.erase(id);
  return Answer(200, fmt::format("<CompleteMultipartUploadResult><ChecksumCRC64NVME>{}</ChecksumCRC64NVME>"
                                 "</CompleteMultipartUploadResult>",
                                 crc));
}

http::Response FakeS3::ListParts(const std::string& id) const {
  std::string text = "<ListPartsResult><IsTruncated>false</IsTruncated>";
  for (const auto& [number, part] : uploads.at(id).parts) {
    const std::string checksum =
        tells_checksums ? fmt::format("<ChecksumCRC64NVME>{}</ChecksumCRC64NVME>", CrcOf(part.bytes)) : "";
    text += fmt::format("<Part><PartNumber>{}</PartNumber><Size>{}</Size><ETag>\"{}\"</ETag>{}</Part>", number,
                        part.bytes.size(), CrcOf(part.bytes), checksum);
  }
  return Answer(200, text + "</ListPartsResult>");
}

http::Response FakeS3::Read(const http::Request& request, const std::string& key) const {
  const auto found = objects.find(key);
  if (found == objects.end()) return request.method == "HEAD" ? Answer(404) : Refusal(404, "NoSuchKey");
  const std::string& bytes = found->second.bytes;
  std::string_view sent = bytes;
  int status = 200;
  http::Response answer;
  if (const std::string range = Header(request.headers, "range"); !range.empty()) {
    const uint64_t first = std::stoull(range.substr(6));
    const uint64_t last = std::min<uint64_t>(std::stoull(range.substr(range.find('-') + 1)), bytes.size() - 1);
    if (first >= bytes.size()) return Refusal(416, "InvalidRange");
    sent = sent.substr(first, last - first + 1);
    status = 206;
    answer.headers.Add("content-range", fmt::format("bytes {}-{}/{}", first, last, bytes.size()));
  } else {
    answer.headers.Add("x-amz-checksum-crc64nvme", CrcOf(bytes));
  }
  answer.status = status;
  answer.headers.Add("content-length", std::to_string(sent.size()));
  answer.headers.Add("last-modified", "Mon, 23 Nov 2026 09:00:00 GMT");
  answer.headers.Add("etag", fmt::format("\"{}\"", CrcOf(bytes)));
  if (request.method == "GET") answer.body = sent;
  return answer;
}

std::shared_ptr<aws::Service> MakeFakeService(FakeS3& server) { return std::make_shared<FakeService>(server); }

s3_store::S3StoreOptions FakeOptions(BlobAccess access) {
  s3_store::S3StoreOptions options;
  options.bucket = "bucket";
  options.endpoint.origin = {.tls = true, .host = "bucket.test"};
  options.access = access;
  options.part_bytes = 5 << 20;
  options.pause = std::chrono::milliseconds(0);
  return options;
}

std::unique_ptr<BlobStore> OpenFake(FakeS3& server, const s3_store::S3StoreOptions& options, Clock& clock) {
  return s3_store::MakeS3BlobStore(options, MakeFakeService(server), clock).value();
}

}  // namespace seshat::testing
