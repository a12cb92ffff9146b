// A Seshat process that works at the moment, as it has announced itself.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/time.h"

namespace seshat::operations {

struct RunningProcess {
  int64_t pid = 0;
  std::vector<std::string> roles;  // "agent", "process", "index"
  std::string host;
  std::string metrics_address;  // "127.0.0.1:41234"; empty: off
  Timestamp started_at{};
};

}  // namespace seshat::operations
