// What must hold in every lab once everything has come to rest. Each check is a test failure with the session and the
// path in its message.
#pragma once

#include "pipeline/pipeline.h"

namespace seshat::testing {

// All of them. `pipeline` is at rest.
void CheckPipeline(Pipeline& pipeline);

}  // namespace seshat::testing
