// What a person can do about an answer that AWS gave. Private to error.cc.
#pragma once

#include <string>

#include "platform/aws/error.h"

namespace seshat::aws {

// One sentence, lower case, without the service's own words.
std::string Advice(const AwsError& error, const CallContext& context);

}  // namespace seshat::aws
