// Who we are to AWS: an access key, and where it came from.
//
// CredentialsProvider is the one interface behind which every source stands: environment, files, processes, web
// identity, containers, EC2 (credential_chain.h), or keys given by hand (MakeStaticCredentials).
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "core/base/error.h"
#include "core/base/time.h"
#include "platform/aws/sigv4.h"

namespace seshat::aws {

struct Credentials {
  SigningKeys keys;
  std::optional<Timestamp> expires_at;  // absent: they last until somebody withdraws them
  // For people, without any secret: "environment variables", "profile 'lab' in ~/.aws/credentials".
  std::string source;
};

// Shared, so that signing thousands of requests a second copies no secret.
using CredentialsPtr = std::shared_ptr<const Credentials>;

// Thread safety: every method may be called from several threads at once.
class CredentialsProvider {
 public:
  virtual ~CredentialsProvider() = default;

  // Credentials that are good for at least the next minute. Called once for every request: answers from memory
  // while it can, and renews ahead of expiry while the old ones still work. Blocks only when there is nothing usable
  // in memory: up to the provider's own deadline (seconds), or until `stop` (kCancelled).
  // kUnauthenticated: there are none, or their source refused; the text says which sources were asked and what to do.
  // kUnavailable: the source did not answer; try again later.
  virtual Result<CredentialsPtr> Get(std::stop_token stop) = 0;

  // A server refused `used` as expired or unknown. The next Get answers others if the source can give any. Refusing
  // credentials that are not the current ones does nothing, so that many requests that fail together renew once.
  virtual void Refuse(const CredentialsPtr& used) = 0;
};

// Always the same ones; Refuse changes nothing.
std::unique_ptr<CredentialsProvider> MakeStaticCredentials(Credentials credentials);

}  // namespace seshat::aws
