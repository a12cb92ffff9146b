// What a reader of queries is given beside the text, and what it says of one that it cannot read.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/base/time.h"

namespace seshat::query {

struct QuerySyntaxError {
  size_t position = 0;   // of a byte of the text, from 0
  std::string expected;  // "a value after ':'"
  std::string found;     // "the end of the query", "')'"
  std::string fix;       // a sentence that proposes what to write; may be empty

  // "column 9: expected a value after ':', found the end of the query. …"; columns are code points from 1.
  std::string Message(std::string_view text) const;
  // kInvalidArgument with Message, the query, and a '^' under the place.
  Error ToError(std::string_view text) const;
};

struct ParseOptions {
  // For date math ("now-7d"); without it "now" is an error.
  std::optional<Timestamp> now;
  // Of the clock on the wall: "now/d" is midnight there. Dates without an offset are in UTC all the same.
  std::chrono::minutes utc_offset{0};
};

}  // namespace seshat::query

namespace seshat {
using query::ParseOptions;
using query::QuerySyntaxError;
}  // namespace seshat
