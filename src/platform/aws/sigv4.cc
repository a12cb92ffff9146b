#include "platform/aws/sigv4.h"

#include <fmt/format.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <stdexcept>

#include "core/base/hex.h"
#include "core/digest/sha256.h"

namespace seshat::aws {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

std::string Hmac(std::string_view key, std::string_view data) {
  std::array<unsigned char, 32> out{};
  unsigned length = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(data.data()),
           data.size(), out.data(), &length) == nullptr)
    throw std::runtime_error("OpenSSL cannot compute HMAC-SHA-256");  // no memory, or no SHA-256: nothing to go on with
  return {reinterpret_cast<const char*>(out.data()), length};
}

std::string Lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

// Ends trimmed, runs of white space folded into one blank.
std::string CanonicalValue(std::string_view value) {
  std::string out;
  bool gap = false;
  for (const char c : value) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      gap = !out.empty();
      continue;
    }
    if (gap) out.push_back(' ');
    gap = false;
    out.push_back(c);
  }
  return out;
}

struct CanonicalHeaders {
  std::string lines;
  std::string names;  // "host;x-amz-date"
};

CanonicalHeaders Canonical(const HeaderList& headers) {
  HeaderList sorted;
  sorted.reserve(headers.size());
  for (const auto& [name, value] : headers) sorted.emplace_back(Lower(name), CanonicalValue(value));
  // Stable: the values of a name that comes twice keep their order.
  std::ranges::stable_sort(sorted, {}, &HeaderList::value_type::first);
  CanonicalHeaders out;
  for (size_t i = 0; i < sorted.size(); ++i) {
    const auto& [name, value] = sorted[i];
    if (i > 0 && name == sorted[i - 1].first) {
      out.lines.back() = ',';
    } else {
      out.lines.append(name).append(":");
      out.names.append(out.names.empty() ? "" : ";").append(name);
    }
    out.lines.append(value).append("\n");
  }
  return out;
}

using Parameters = std::vector<std::pair<std::string, std::string>>;

// Split, decoded, and encoded again, so that any spelling on the wire gives one canonical form.
Parameters ParseQuery(std::string_view query) {
  Parameters out;
  for (size_t begin = 0; begin < query.size();) {
    const size_t end = std::min(query.find('&', begin), query.size());
    const auto part = query.substr(begin, end - begin);
    const size_t equals = std::min(part.find('='), part.size());
    if (!part.empty())
      out.emplace_back(UriEncode(UriDecode(part.substr(0, equals))),
                       equals < part.size() ? UriEncode(UriDecode(part.substr(equals + 1))) : "");
    begin = end + 1;
  }
  return out;
}

std::string Join(const Parameters& parameters) {
  std::string out;
  for (const auto& [name, value] : parameters) out += fmt::format("{}{}={}", out.empty() ? "" : "&", name, value);
  return out;
}

std::string Normalize(std::string_view path) {
  std::vector<std::string_view> kept;
  for (size_t begin = 0; begin <= path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    const auto segment = path.substr(begin, end - begin);
    if (segment == "..") {
      if (!kept.empty()) kept.pop_back();
    } else if (!segment.empty() && segment != ".") {
      kept.push_back(segment);
    }
    begin = end + 1;
  }
  std::string out;
  for (const auto segment : kept) out.append("/").append(segment);
  const bool is_folder = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
  if (out.empty() || is_folder) out += "/";
  return out;
}

std::string CanonicalPath(std::string_view path, PathRule rule) {
  switch (rule) {
    case PathRule::kS3:
      return EncodeS3Path(UriDecode(path));
    case PathRule::kNormalized:
      return EncodeS3Path(Normalize(path));
    case PathRule::kUnnormalized:
      return EncodeS3Path(path);
  }
  return std::string(path);
}

std::string CanonicalRequest(const HttpRequestToSign& request, PathRule rule, Parameters parameters,
                             const CanonicalHeaders& headers) {
  std::ranges::sort(parameters);
  return fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, CanonicalPath(request.path, rule), Join(parameters),
                     headers.lines, headers.names, request.payload_hash);
}

// "20150830T123600Z"
std::string BasicTime(Timestamp now) {
  const std::string text = FormatTimestamp(std::chrono::floor<std::chrono::seconds>(now));
  std::string out;
  for (const char c : text)
    if (c != '-' && c != ':') out.push_back(c);
  return out;
}

bool Has(const HeaderList& headers, std::string_view name) {
  return std::ranges::any_of(headers, [&](const auto& header) { return Lower(header.first) == name; });
}

}  // namespace

struct Signer::KeyCache {
  std::mutex mutex;
  std::string date;
  Secret secret;
  std::string key;
};

Signer::Signer(SigningScope scope) : scope_(std::move(scope)), cache_(std::make_unique<KeyCache>()) {}
Signer::~Signer() = default;
Signer::Signer(Signer&&) noexcept = default;
Signer& Signer::operator=(Signer&&) noexcept = default;

std::string Signer::SigningKey(const SigningKeys& keys, std::string_view date) const {
  const std::lock_guard lock(cache_->mutex);
  if (cache_->date != date || cache_->secret.Expose() != keys.secret_access_key.Expose()) {
    const Secret start("AWS4" + keys.secret_access_key.Expose());
    const std::string of_date = Hmac(start.Expose(), date);
    cache_->key = Hmac(Hmac(Hmac(of_date, scope_.region), scope_.service), "aws4_request");
    cache_->date = date;
    cache_->secret = keys.secret_access_key;
  }
  return cache_->key;
}

Signature Signer::Sign(const SigningKeys& keys, std::string canonical_request, Timestamp now) const {
  const std::string time = BasicTime(now);
  const std::string_view date = std::string_view(time).substr(0, 8);
  Signature out;
  out.string_to_sign = fmt::format("{}\n{}\n{}/{}/{}/aws4_request\n{}", kAlgorithm, time, date, scope_.region,
                                   scope_.service, Sha256::Of(AsBytes(canonical_request)).ToHex());
  out.canonical_request = std::move(canonical_request);
  out.signature = HexEncode(AsBytes(Hmac(SigningKey(keys, date), out.string_to_sign)));
  return out;
}

SignedHeaders Signer::SignHeaders(const SigningKeys& keys, const HttpRequestToSign& request, Timestamp now) const {
  SignedHeaders out;
  HeaderList headers = request.headers;
  const auto add = [&](std::string name, std::string value) {
    headers.emplace_back(name, value);
    out.added.emplace_back(std::move(name), std::move(value));
  };
  const std::string time = BasicTime(now);
  if (!Has(headers, "x-amz-date")) add("x-amz-date", time);
  if (!keys.session_token.empty() && scope_.token == TokenRule::kSigned)
    add("x-amz-security-token", keys.session_token.Expose());

  const auto canonical = Canonical(headers);
  out.detail = Sign(keys, CanonicalRequest(request, scope_.path, ParseQuery(request.query), canonical), now);
  if (!keys.session_token.empty() && scope_.token == TokenRule::kAddedAfter)
    out.added.emplace_back("x-amz-security-token", keys.session_token.Expose());
  out.added.emplace_back(
      "authorization", fmt::format("{} Credential={}/{}/{}/{}/aws4_request, SignedHeaders={}, Signature={}", kAlgorithm,
                                   keys.access_key_id, time.substr(0, 8), scope_.region, scope_.service,
                                   canonical.names, out.detail.signature));
  return out;
}

PresignedQuery Signer::Presign(const SigningKeys& keys, const HttpRequestToSign& request, Timestamp now,
                               std::chrono::seconds valid) const {
  const std::string time = BasicTime(now);
  const auto canonical = Canonical(request.headers);
  Parameters parameters = ParseQuery(request.query);
  const auto add = [&](std::string name, std::string_view value) {
    parameters.emplace_back(std::move(name), UriEncode(value));
  };
  add("X-Amz-Algorithm", kAlgorithm);
  add("X-Amz-Credential",
      fmt::format("{}/{}/{}/{}/aws4_request", keys.access_key_id, time.substr(0, 8), scope_.region, scope_.service));
  add("X-Amz-Date", time);
  add("X-Amz-SignedHeaders", canonical.names);
  add("X-Amz-Expires", std::to_string(valid.count()));
  const bool has_token = !keys.session_token.empty();
  if (has_token && scope_.token == TokenRule::kSigned) add("X-Amz-Security-Token", keys.session_token.Expose());

  PresignedQuery out;
  out.detail = Sign(keys, CanonicalRequest(request, scope_.path, parameters, canonical), now);
  if (has_token && scope_.token == TokenRule::kAddedAfter) add("X-Amz-Security-Token", keys.session_token.Expose());
  add("X-Amz-Signature", out.detail.signature);
  out.query = Join(parameters);
  return out;
}

}  // namespace seshat::aws
