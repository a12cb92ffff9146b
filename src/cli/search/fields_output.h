// Metadata keys as text.
#pragma once

#include <vector>

#include "cli/output/console.h"
#include "services/catalog/fields.h"

namespace seshat::cli {

void PrintFields(Console& console, const std::vector<FieldInfo>& fields);
// Aliases as lines for the configuration, and conflicts as a table.
void PrintHygiene(Console& console, const catalog::Hygiene& hygiene);

}  // namespace seshat::cli
