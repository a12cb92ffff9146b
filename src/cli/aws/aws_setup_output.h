// What `seshat aws init` has made or would make, as text.
#pragma once

#include "cli/output/console.h"
#include "views/aws_setup.h"

namespace seshat::cli {

// The steps have been printed one by one.
void PrintAwsSetup(Console& console, const views::AwsSetup& setup);

}  // namespace seshat::cli
