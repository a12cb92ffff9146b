// Keeps what a source gives, and renews it ahead of its end.
#pragma once

#include <memory>

#include "platform/aws/credentials.h"
#include "platform/aws/server_clock.h"
#include "platform/aws_credentials/credential_source.h"
#include "ports/logger.h"
#include "ports/random.h"

namespace seshat::aws {

// Renewal begins, in a thread of its own, in the last 15 minutes of the credentials' life (the last third, if that is
// shorter; earlier by up to a tenth at random, so that a thousand agents do not ask at once), while everybody goes on
// with the old ones. In the last minute, or where there are none or they were refused, callers wait for it. When
// renewing fails it is tried again after 1 s, 2 s, … 60 s, and the old ones are served until they are really expired.
// All this is measured by the servers' clock, which also set the end; when it is learned only later, from a service that
// refused a signature, what was planned by this machine's is planned anew. New credentials that seem to be expired are
// served all the same, since then the clock is what is wrong, and renewed five minutes later. The source is asked by one
// thread at a time. `clock` must outlive the provider.
std::unique_ptr<CredentialsProvider> MakeRefreshingCredentials(CredentialSourcePtr source, ServerClock& clock,
                                                               Random& random, Logger& logger);

}  // namespace seshat::aws
