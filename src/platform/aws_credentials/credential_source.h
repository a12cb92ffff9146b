// One place that credentials may come from: a step of the chain.
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/error.h"
#include "core/base/secret.h"
#include "platform/aws/credentials.h"

namespace seshat::aws {

// The step does not apply here; the chain goes on with the next.
struct NotConfigured {
  std::string why;  // "AWS_ACCESS_KEY_ID is not set"
};

using Fetched = std::variant<Credentials, NotConfigured>;

// Thread safety: one call at a time.
class CredentialSource {
 public:
  virtual ~CredentialSource() = default;
  virtual std::string name() const = 0;  // "environment"
  // New credentials, asked for at their origin. An error where the step applies and fails: the chain ends there, since
  // taking others silently would do things under the wrong name. Blocks for seconds.
  virtual Result<Fetched> Fetch(std::stop_token stop) = 0;
};

using CredentialSourcePtr = std::unique_ptr<CredentialSource>;

// The steps in order; the first that applies gives the credentials, also when they are renewed. kUnauthenticated naming
// every step and why it did not apply, where none did.
CredentialSourcePtr MakeSourceChain(std::vector<CredentialSourcePtr> steps);

// The JSON objects of credential_process, the container endpoint and the instance metadata service. Fields that must be
// there and are not: kUnauthenticated naming the field, never the text.
Result<Credentials> ParseCredentialsJson(const Secret& json, std::string_view token_field, std::string_view source);
// The same, for a program: "Version" must be 1.
Result<Credentials> ParseProcessJson(const Secret& json, std::string_view source);

// Long-lived or temporary keys from three texts; kUnauthenticated where only one of the first two is there.
Result<Credentials> CredentialsFromTexts(const Secret& access_key_id, const Secret& secret_access_key,
                                         const Secret& session_token, std::string_view source);

}  // namespace seshat::aws
