// One measured quantity of a file, as it is summed up.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace seshat::statistics {

struct Channel {
  std::string name;
  std::string unit;
  uint64_t count = 0;  // finite values only
  double minimum = 0;
  double maximum = 0;
  long double sum = 0;

  void Add(double value) {
    if (!std::isfinite(value)) return;
    if (count == 0 || value < minimum) minimum = value;
    if (count == 0 || value > maximum) maximum = value;
    sum += value;
    ++count;
  }
  double mean() const { return count == 0 ? 0 : static_cast<double>(sum / static_cast<long double>(count)); }
};

// What a format's reader found out.
struct Analysis {
  std::string format = "unknown";
  std::vector<Channel> channels;
  std::string note;  // why there is nothing more; empty where all is well
};

inline Analysis Unknown(std::string why) { return {.note = std::move(why)}; }

}  // namespace seshat::statistics
