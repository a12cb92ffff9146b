// An event as the body of a message. What SQS hands over came from outside: any bytes at all are read without harm.
//
// Written: the event in CloudEvents JSON (core/records/event.h). Read: that ("raw delivery"), or the same inside the envelope
// that SNS puts around it where a subscription was made by hand without raw delivery.
#pragma once

#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/records/event.h"

namespace seshat::sns_sqs {

// kInvalidArgument for an event that would not come back byte for byte: data that is no compact JSON object, bytes
// that are no UTF-8. Characters that JSON has and SQS refuses (U+FFFE, U+FFFF) are escaped.
Result<std::string> WriteMessageBody(const Event& event);

// kDataLoss where it is no event.
Result<Event> ReadMessageBody(std::string_view body);

// What SQS accepts as a string: at most `most` bytes of valid UTF-8 without control characters; others become U+FFFD.
std::string SafeText(std::string_view text, size_t most);

}  // namespace seshat::sns_sqs
