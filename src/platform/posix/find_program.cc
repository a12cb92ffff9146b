#include "platform/posix/find_program.h"

#include <unistd.h>

#include "core/base/text_parts.h"

namespace seshat::posix {

std::filesystem::path FindOnPath(const std::string& name, std::string_view path) {
  for (const auto directory : Split(path, ':')) {
    const auto program = std::filesystem::path(directory) / name;
    if (program.is_absolute() && ::access(program.c_str(), X_OK) == 0) return program;
  }
  return {};
}

}  // namespace seshat::posix
