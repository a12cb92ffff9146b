#include "core/query/query_parser.h"

#include "core/query/query_reader.h"

namespace seshat::query {

std::expected<Query, QuerySyntaxError> ParseQuery(std::string_view text, const ParseOptions& options) {
  return QueryReader(text, options).Read();
}

}  // namespace seshat::query
