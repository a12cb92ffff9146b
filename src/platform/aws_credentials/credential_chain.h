// The standard credential chain of AWS, as the aws command and the SDKs walk it:
//
//   1. environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN (not where our own configuration names a
//      profile)
//   2. web identity: AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN, AWS_ROLE_SESSION_NAME (likewise)
//   3. the profile in ~/.aws/config and ~/.aws/credentials: role_arn with web_identity_token_file, source_profile or
//      credential_source; access keys; credential_process. Single sign-on and multi-factor prompts are not supported,
//      and said to be so where a profile needs them.
//   4. container endpoint
//   5. EC2 instance metadata, version 2
#pragma once

#include <memory>
#include <string>

#include "platform/aws/credentials.h"
#include "platform/aws/server_clock.h"
#include "platform/aws_credentials/credential_source.h"
#include "platform/aws_credentials/shared_settings.h"
#include "platform/aws_credentials/sts.h"
#include "platform/aws_credentials/surroundings.h"
#include "platform/http/sender.h"
#include "ports/clock.h"
#include "ports/logger.h"
#include "ports/random.h"

namespace seshat::aws {

struct ChainOptions {
  std::string profile;  // of our own configuration; empty: as the environment says
  StsOptions sts;
};

// What the chain works with; outlives it.
struct ChainParts {
  http::Sender& direct;  // without proxy: to the machine's own endpoints
  http::Sender& remote;  // to STS: proxy, CA and retries as configured
  Clock& clock;
  ServerClock& server_clock;  // measures the ends of credentials; learns from whoever gives them out
  Random& random;
  Logger& logger;
};

// Nothing is asked before the first Get. kInvalidArgument where the files cannot be read.
Result<std::unique_ptr<CredentialsProvider>> MakeCredentialChain(const ChainOptions& options,
                                                                 const Surroundings& surroundings,
                                                                 const ChainParts& parts);

// Step 1 and step 2 by themselves.
CredentialSourcePtr MakeEnvironmentSource(const Surroundings& surroundings);
CredentialSourcePtr MakeWebIdentitySource(const Surroundings& surroundings, Sts& sts, Clock& clock);
// Step 3. The files are read anew at each Fetch, so that keys that somebody replaced there are found. `container` and
// `instance` are what credential_source may name.
CredentialSourcePtr MakeProfileSource(const ChainOptions& options, const Surroundings& surroundings, Sts& sts,
                                      const ChainParts& parts);

}  // namespace seshat::aws
