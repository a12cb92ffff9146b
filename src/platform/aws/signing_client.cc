#include "platform/aws/signing_client.h"

#include <array>
#include <cstdlib>
#include <utility>
#include <vector>

#include "core/digest/sha256.h"
#include "platform/aws/error.h"
#include "platform/http/deferred.h"

namespace seshat::aws {
namespace {

using http::Done;
using http::Outcome;
using http::Request;
using http::RequestId;

// Ids of requests that never reached the client below, whose own ids start from 1.
constexpr RequestId kOwnIds = RequestId{1} << 63;
constexpr std::string_view kUnsigned = "UNSIGNED-PAYLOAD";

std::string Lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

// Proxies may change these on the way.
bool IsSigned(std::string_view lower_name) {
  constexpr std::array<std::string_view, 8> kNot = {"authorization", "connection",  "expect", "transfer-encoding",
                                                    "user-agent",    "traceparent", "accept", "x-amzn-trace-id"};
  for (const auto name : kNot)
    if (name == lower_name) return false;
  return true;
}

bool SameKeys(const SigningKeys& a, const SigningKeys& b) {
  return a.access_key_id == b.access_key_id && a.secret_access_key.Expose() == b.secret_access_key.Expose() &&
         a.session_token.Expose() == b.session_token.Expose();
}

Result<std::string> HashSource(http::BodySource& source) {
  Sha256Hasher hasher;
  std::vector<std::byte> buffer(size_t{256} << 10);
  for (;;) {
    SESHAT_ASSIGN(const size_t count, source.Read(buffer));
    if (count == http::BodySource::kNotReady)
      return Fail(ErrorCode::kInvalidArgument,
                  "a body that is not at hand cannot be signed: give its x-amz-content-sha256");
    if (count == 0) break;
    hasher.Update(ByteSpan(buffer).first(count));
  }
  SESHAT_TRY(source.Rewind());
  return hasher.Finish().ToHex();
}

class SigningClient : public http::Client {
 public:
  SigningClient(std::unique_ptr<http::Client> inner, SigningOptions options)
      : inner_(std::move(inner)), options_(std::move(options)), signer_(options_.scope) {}

  RequestId Start(Request request, Done done) override {
    const size_t own_headers = request.headers.size();
    auto signed_by = Sign(request);
    if (!signed_by) {
      request.headers.resize(own_headers);
      ended_.Add({std::unexpected(std::move(signed_by).error()), {}, std::move(request)}, std::move(done));
      return kOwnIds + ++last_id_;
    }
    return inner_->Start(std::move(request), [this, own_headers, by = std::move(*signed_by),
                                              done = std::move(done)](Outcome outcome) mutable {
      outcome.request.headers.resize(own_headers);
      if (outcome.response) PutRight(by, *outcome.response);
      done(std::move(outcome));
    });
  }

  void Cancel(RequestId id) override { inner_->Cancel(id); }
  void Resume(RequestId id) override { inner_->Resume(id); }
  void Poll(std::chrono::milliseconds timeout) override {
    inner_->Poll(ended_.empty() ? timeout : std::chrono::milliseconds(0));
    ended_.Run();
  }
  void Wake() override { inner_->Wake(); }
  size_t in_flight() const override { return inner_->in_flight() + ended_.size(); }

 private:
  struct SignedBy {
    CredentialsPtr credentials;
    std::chrono::nanoseconds offset;
  };

  Result<SignedBy> Sign(Request& request) {
    SESHAT_ASSIGN(SignedBy by, Current());
    HttpRequestToSign to_sign{request.method, request.path, request.query, {}, {}};
    SESHAT_ASSIGN(to_sign.payload_hash, PayloadHash(request));
    to_sign.headers.reserve(request.headers.size() + 1);
    to_sign.headers.emplace_back("host", request.origin.authority());
    for (const auto& [name, value] : request.headers)
      if (std::string lower = Lower(name); IsSigned(lower)) to_sign.headers.emplace_back(std::move(lower), value);
    auto added = signer_.SignHeaders(by.credentials->keys, to_sign, options_.clock->Now()).added;
    std::ranges::move(added, std::back_inserter(request.headers));
    return by;
  }

  Result<SignedBy> Current() {
    SESHAT_ASSIGN(auto credentials, options_.credentials->Get({}));
    return SignedBy{std::move(credentials), options_.clock->offset()};
  }

  Result<std::string> PayloadHash(Request& request) {
    for (const auto& [name, value] : request.headers)
      if (Lower(name) == "x-amz-content-sha256") return value;
    const bool s3 = options_.scope.service == "s3";
    std::string hash;
    if (s3 && request.origin.tls) {
      hash = kUnsigned;
    } else if (request.body.source) {
      SESHAT_ASSIGN(hash, HashSource(*request.body.source));
    } else {
      hash = Sha256::Of(request.body.bytes).ToHex();
    }
    if (s3) request.headers.emplace_back("x-amz-content-sha256", hash);
    return hash;
  }

  void PutRight(const SignedBy& by, http::Response& response) {
    if (response.status != 400 && response.status != 401 && response.status != 403) return;
    options_.clock->Learn(response);
    // Another request may have learned it since this one was signed.
    if (options_.clock->IsFarFrom(by.offset)) {
      response.corrected = true;
      return;
    }
    if (!IsRefusedCredentials(ParseAwsError(response))) return;
    options_.credentials->Refuse(by.credentials);
    const auto now = options_.credentials->Get({});
    response.corrected = now && !SameKeys((*now)->keys, by.credentials->keys);
  }

  std::unique_ptr<http::Client> inner_;
  SigningOptions options_;
  Signer signer_;
  RequestId last_id_ = 0;
  http::DeferredOutcomes ended_;
};

}  // namespace

std::unique_ptr<http::Client> MakeSigningClient(std::unique_ptr<http::Client> inner, SigningOptions options) {
  return std::make_unique<SigningClient>(std::move(inner), std::move(options));
}

}  // namespace seshat::aws
