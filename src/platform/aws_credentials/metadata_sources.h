// Credentials that the machine itself is given: the container endpoint (ECS, EKS) and the EC2 instance metadata service.
// Both teach `server_clock` the Date of their answers, so that an Expiration is measured by the clock that set it.
#pragma once

#include <optional>
#include <string>

#include "platform/aws/server_clock.h"
#include "platform/aws_credentials/credential_source.h"
#include "platform/aws_credentials/shared_settings.h"
#include "platform/aws_credentials/surroundings.h"
#include "platform/http/sender.h"
#include "ports/clock.h"

namespace seshat::aws {

// AWS_CONTAINER_CREDENTIALS_RELATIVE_URI (on 169.254.170.2) or _FULL_URI, with AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE or
// _TOKEN. A full URI with plain HTTP may lead to a loopback address or to 169.254.170.2, 169.254.170.23 or
// [fd00:ec2::23] only, so that nobody on the way reads the answer. Three attempts, 2 s each. `sender` must not use a
// proxy.
CredentialSourcePtr MakeContainerSource(const Surroundings& surroundings, http::Sender& sender, Clock& clock,
                                        ServerClock& server_clock);

// IMDSv2, never version 1. Not configured where AWS_EC2_METADATA_DISABLED is true or nobody answers within a second, as
// on every machine that is not in EC2. AWS_EC2_METADATA_SERVICE_ENDPOINT (or the profile's ec2_metadata_service_endpoint)
// and the _ENDPOINT_MODE (ipv4, ipv6) say where it is. `sender` must not use a proxy.
CredentialSourcePtr MakeInstanceSource(const Surroundings& surroundings, const SharedSettings& settings,
                                       http::Sender& sender, ServerClock& server_clock);

}  // namespace seshat::aws
