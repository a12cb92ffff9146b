// Signs every request, and puts right what makes servers refuse signatures: the clock, and expired credentials.
#pragma once

#include <atomic>
#include <memory>

#include "adapters/aws/credentials.h"
#include "adapters/aws/sigv4.h"
#include "adapters/http/client.h"
#include "ports/clock.h"

namespace seshat::aws {

// The servers' time: ours plus what their answers taught. Thread-safe; shared by all clients of a process.
class ServerClock {
 public:
  // `clock` must outlive it.
  explicit ServerClock(const Clock& clock) : clock_(clock) {}
  Timestamp Now() const { return clock_.Now() + offset(); }
  std::chrono::nanoseconds offset() const { return std::chrono::nanoseconds(offset_.load()); }
  // A server's Date that is more than four minutes away from Now() moves it there: true. (Services refuse a signature
  // that is five minutes old, S3 one of fifteen.)
  bool Learn(Timestamp server_date);

 private:
  const Clock& clock_;
  std::atomic<int64_t> offset_{0};
};

struct SigningOptions {
  SigningScope scope;
  std::shared_ptr<CredentialsProvider> credentials;
  std::shared_ptr<ServerClock> clock;
};

// Adds host, x-amz-date, x-amz-security-token, authorization and, for S3, x-amz-content-sha256. A request that has
// x-amz-content-sha256 already is signed with that. Otherwise S3 requests over TLS are signed with UNSIGNED-PAYLOAD, and all
// others with the SHA-256 of the body, for which a source is read through once and rewound before it is sent.
//
// An answer that blames the clock or the credentials sets Response::corrected if there was something to put right. Put
// a retrying client on top. Credentials that must be fetched are waited for in Start.
std::unique_ptr<http::Client> MakeSigningClient(std::unique_ptr<http::Client> inner, SigningOptions options);

}  // namespace seshat::aws
