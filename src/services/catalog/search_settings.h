// What searches take from the configuration and the machine.
#pragma once

#include <vector>

#include "core/metadata/field_aliases.h"
#include "core/query/query_parser.h"

namespace seshat::catalog {

struct SearchSettings {
  std::vector<FieldAlias> aliases;  // do not contradict each other: FieldAliases::Make takes them
  ParseOptions parse;               // the time now, and the clock on the wall of whoever asks
};

}  // namespace seshat::catalog
