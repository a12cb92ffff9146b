#include "s3/bucket.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "core/base/bytes.h"
#include "core/base/hex.h"
#include "s3/pattern.h"

namespace seshat::bench {
namespace {

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

Answer Text(int status, std::string_view body, std::string_view headers) {
  const std::string_view length = status == 204 ? "" : "Content-Length: ";
  return {fmt::format("HTTP/1.1 {} X\r\nDate: {}\r\n{}{}{}{}\r\n{}", status, DateNow(), headers, length,
                      status == 204 ? "" : fmt::to_string(body.size()), status == 204 ? "" : "\r\n", body)};
}

}  // namespace

Bucket::Bucket(const Settings& settings) : limit_(settings.puts_per_second) {
  for (uint64_t i = 0; i < settings.objects; ++i)
    objects_[fmt::format("get/{:05}.bin", i)] = {settings.object_bytes, std::string(kSomeETag)};
}

Answer Bucket::Serve(const Head& head, uint64_t body_bytes, Time now) {
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
  if (head.method == "GET" && head.Key().empty()) return List(head);
  return Read(head);
}

Answer Bucket::Put(const Head& head, uint64_t body_bytes, Time now) {
  if (!limit_.Take(now)) {
    ++refused_;
    return Text(503, "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>", "");
  }
  ++accepted_;
  const std::string decoded = head.Header("x-amz-decoded-content-length");
  const uint64_t size = decoded.empty() ? body_bytes : Number(decoded);
  const std::string upload = head.Parameter("uploadId");
  const std::string md5 = Md5From(head.Header("content-md5"));
  const std::string etag = md5.empty() ? std::string(kSomeETag) : HexEncode(AsBytes(md5));
  if (upload.empty()) {
    objects_[head.Key()] = {size, etag};
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

Answer Bucket::Complete(const Head& head) {
  const std::string upload = head.Parameter("uploadId");
  const Object object{parts_[upload].bytes, ETagOfParts(parts_[upload].md5s)};
  objects_[head.Key()] = object;
  parts_.erase(upload);
  return Text(200,
              fmt::format("<?xml version=\"1.0\"?><CompleteMultipartUploadResult><Key>k</Key>"
                          "<ETag>\"{}\"</ETag></CompleteMultipartUploadResult>",
                          object.etag),
              "");
}

Answer Bucket::List(const Head& head) {
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
        "&quot;{}&quot;</ETag><Size>{}</Size><StorageClass>STANDARD</StorageClass></Contents>",
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

Answer Bucket::Read(const Head& head) {
  const auto found = objects_.find(head.Key());
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

const std::string& Bucket::ChecksumOf(uint64_t size) {
  std::string& known = checksums_[size];
  if (known.empty()) known = PatternChecksum(size);
  return known;
}

}  // namespace seshat::bench
