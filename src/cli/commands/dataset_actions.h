// The actions of `seshat dataset`. Each prints what it found or made.
#pragma once

#include <string>

#include "cli/commands/common.h"
#include "cli/invocation.h"

namespace seshat::cli {

Result<ExitCode> CreateDataset(Invocation& invocation, const Workbench& bench, BlobStore& store,
                               const std::string& name);
Result<ExitCode> ShowDataset(Invocation& invocation, BlobStore& store, const std::string& name);
Result<ExitCode> VerifyDataset(Invocation& invocation, BlobStore& store, const std::string& name);
Result<ExitCode> ListDatasets(Invocation& invocation, BlobStore& store);

}  // namespace seshat::cli
