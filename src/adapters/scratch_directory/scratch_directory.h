// Scratch in a directory: `<directory>/run-<random>/` for each run, locked (flock) while in use.
#pragma once

#include <filesystem>
#include <memory>

#include "core/base/error.h"
#include "ports/random.h"
#include "ports/scratch.h"

namespace seshat::scratch_directory {

// Makes `directory` where it is missing. `random` must outlive the scratch.
Result<std::unique_ptr<Scratch>> MakeScratchDirectory(const std::filesystem::path& directory, Random& random);

}  // namespace seshat::scratch_directory
