#include "core/query/query_syntax.h"

#include <fmt/format.h>

#include <algorithm>

namespace seshat::query {

std::string QuerySyntaxError::Message(std::string_view text) const {
  size_t column = 1;
  for (size_t i = 0; i < std::min(position, text.size()); ++i)
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) ++column;
  auto message = fmt::format("column {}: expected {}, found {}", column, expected, found);
  if (!fix.empty()) message += ". " + fix;
  return message;
}

Error QuerySyntaxError::ToError(std::string_view text) const {
  return {ErrorCode::kInvalidArgument, "the query is not understood: " + Message(text)};
}

}  // namespace seshat::query
