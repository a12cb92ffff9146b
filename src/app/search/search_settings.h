// What searches take from the configuration and the machine.
#pragma once

#include <vector>

#include "app/config/config.h"
#include "core/field_aliases.h"
#include "core/query_parser.h"
#include "ports/clock.h"

namespace seshat::app {

struct SearchSettings {
  std::vector<FieldAlias> aliases;
  ParseOptions parse;  // the time now, and the clock on this machine's wall
};

// kInvalidArgument for aliases that contradict each other.
Result<SearchSettings> SearchSettingsOf(const Config& config, Clock& clock);

}  // namespace seshat::app
