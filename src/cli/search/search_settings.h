// What searches take from the configuration and the machine.
#pragma once

#include <vector>

#include "composition/config/config.h"
#include "core/metadata/field_aliases.h"
#include "core/query/query_parser.h"
#include "ports/clock.h"

namespace seshat::cli {

struct SearchSettings {
  std::vector<FieldAlias> aliases;
  ParseOptions parse;  // the time now, and the clock on this machine's wall
};

// kInvalidArgument for aliases that contradict each other.
Result<SearchSettings> SearchSettingsOf(const composition::Config& config, Clock& clock);

}  // namespace seshat::cli
