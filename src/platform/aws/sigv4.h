// AWS Signature Version 4: says who sends a request, without sending the secret.
//
// Ours because libcurl 7.88's own signs many S3 keys, query strings and repeated headers wrongly (docs/adr/). Proven on
// every case of AWS's published signing suite. Rules: "Signature Version 4 signing process", AWS General Reference.
//
// The signer signs exactly the headers it is given: leave out what a proxy may change (User-Agent, Connection, Expect,
// Transfer-Encoding). Thread safety: Signer may be used from several threads at once.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/secret.h"
#include "core/base/time.h"

namespace seshat::aws {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

struct SigningKeys {
  std::string access_key_id;
  Secret secret_access_key;
  Secret session_token;  // empty: a long-lived key
};

// How the path on the wire becomes the path that is signed.
enum class PathRule {
  kS3,            // encoded once, taken as it is: keys may hold "//" and "."
  kNormalized,    // every other service: "." and ".." resolved, "//" folded, then encoded once more
  kUnnormalized,  // encoded once more without resolving
};

enum class TokenRule {
  kSigned,      // the session token is part of what is signed: nearly every service
  kAddedAfter,  // sent, but not signed
};

struct SigningScope {
  std::string region;
  std::string service;  // "s3", "sns", "sqs", …
  PathRule path = PathRule::kNormalized;
  TokenRule token = TokenRule::kSigned;
};

struct HttpRequestToSign {
  std::string method;
  std::string path;    // as on the wire, percent-encoded; starts with '/'
  std::string query;   // as on the wire, without '?'
  HeaderList headers;  // all to be signed; "host" among them
  // SHA-256 of the body in hexadecimal, or "UNSIGNED-PAYLOAD" (TLS only), or a STREAMING-… constant.
  std::string payload_hash;
};

struct Signature {
  std::string canonical_request;  // for tests and for explaining a mismatch; holds no secret
  std::string string_to_sign;
  std::string signature;  // 64 hexadecimal digits
};

struct SignedHeaders {
  HeaderList added;  // x-amz-date, x-amz-security-token if any, authorization: to be sent, never to be logged
  Signature detail;
};

struct PresignedQuery {
  std::string query;  // complete: the request's own parameters and X-Amz-…
  Signature detail;
};

class Signer {
 public:
  explicit Signer(SigningScope scope);
  ~Signer();
  Signer(Signer&&) noexcept;
  Signer& operator=(Signer&&) noexcept;

  // In the Authorization header. Sends x-amz-date unless the request has one; a server accepts it within five minutes
  // of its own clock, so `now` is the server's time as far as it is known.
  SignedHeaders SignHeaders(const SigningKeys& keys, const HttpRequestToSign& request, Timestamp now) const;

  // In the query: whoever has the URL may make this one request for `valid` (1 s–7 days).
  PresignedQuery Presign(const SigningKeys& keys, const HttpRequestToSign& request, Timestamp now,
                         std::chrono::seconds valid) const;

 private:
  struct KeyCache;
  std::string SigningKey(const SigningKeys& keys, std::string_view date) const;
  Signature Sign(const SigningKeys& keys, std::string canonical_request, Timestamp now) const;

  SigningScope scope_;
  std::unique_ptr<KeyCache> cache_;  // deriving a key takes four HMACs and lasts a day
};

// RFC 3986: everything but A–Z a–z 0–9 - . _ ~ becomes %XX.
std::string UriEncode(std::string_view text);
std::string UriDecode(std::string_view text);  // a '%' without two digits stays as it is
// A blob key as the path of an S3 request: each segment encoded, '/' kept.
std::string EncodeS3Path(std::string_view key);

}  // namespace seshat::aws
