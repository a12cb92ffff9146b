// What searches take from the configuration and this machine.
#pragma once

#include "composition/config/config.h"
#include "ports/clock.h"
#include "services/catalog/search_settings.h"

namespace seshat::composition {

// kInvalidArgument for aliases that contradict each other.
Result<catalog::SearchSettings> SearchSettingsOf(const Config& config, Clock& clock);

}  // namespace seshat::composition
