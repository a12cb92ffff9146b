// Keeps what a source gives, and renews it ahead of its end.
#pragma once

#include <memory>

#include "adapters/aws/credentials.h"
#include "adapters/aws_credentials/credential_source.h"
#include "ports/clock.h"
#include "ports/logger.h"
#include "ports/random.h"

namespace seshat::aws {

// Renewal begins, in a thread of its own, in the last 15 minutes of the credentials' life (the last third, if that is
// shorter; earlier by up to a tenth at random, so that a thousand agents do not ask at once), while everybody goes on
// with the old ones. In the last minute, or where there are none or they were refused, callers wait for it. When
// renewing fails it is tried again after 1 s, 2 s, … 60 s, and the old ones are served until they are really expired.
// New credentials that are expired by this machine's clock are served all the same, since the clock is what is wrong
// then, and renewed five minutes later. The source is asked by one thread at a time.
std::unique_ptr<CredentialsProvider> MakeRefreshingCredentials(CredentialSourcePtr source, Clock& clock,
                                                               Random& random, Logger& logger);

}  // namespace seshat::aws
