// Statistics of any file: its size, how random its bytes are, and what its channels hold where the format is known.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "channel.h"

namespace seshat::statistics {

struct Statistics {
  uint64_t bytes = 0;
  double entropy = 0;  // Shannon, in bits for each byte: 0 to 8
  Analysis analysis;
};

// False where the file cannot be read. Everything else has statistics.
bool Compute(const std::filesystem::path& input, Statistics& statistics);

// kind,name,value,unit,count,minimum,maximum,mean
std::string ToCsv(const Statistics& statistics);

}  // namespace seshat::statistics
