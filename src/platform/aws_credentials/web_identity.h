// What the environment's web identity and a profile's have in common.
#pragma once

#include <stop_token>
#include <string>

#include "core/base/error.h"
#include "platform/aws_credentials/sts.h"
#include "platform/aws_credentials/surroundings.h"
#include "ports/clock.h"

namespace seshat::aws {

// The token is read anew each time: whoever issues it renews the file.
Result<Credentials> AssumeWithTokenFile(const Surroundings& surroundings, Sts& sts, const RoleToAssume& role,
                                        const std::string& file, std::stop_token stop);

// "seshat-1790000000": what the logs of AWS call a session that nobody named.
std::string DefaultSessionName(Clock& clock);

}  // namespace seshat::aws
