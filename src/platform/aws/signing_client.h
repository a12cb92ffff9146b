// Signs every request, and puts right what makes servers refuse signatures: the clock, and expired credentials.
#pragma once

#include <memory>

#include "platform/aws/credentials.h"
#include "platform/aws/server_clock.h"
#include "platform/aws/sigv4.h"
#include "platform/http/client.h"

namespace seshat::aws {

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
