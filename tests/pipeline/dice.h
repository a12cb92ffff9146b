// The chances of one random lab: the same seed throws the same numbers, on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace seshat::testing {

class Dice {
 public:
  explicit Dice(uint64_t seed) : engine_(seed) {}

  // From 0 to `sides` - 1; `sides` at least 1.
  uint64_t Below(uint64_t sides) { return engine_() % sides; }
  bool OneIn(uint64_t sides) { return Below(sides) == 0; }
  template <typename T>
  const T& Pick(const std::vector<T>& from) {
    return from[Below(from.size())];
  }
  // Not always UTF-8, and never NUL or '/', which no file name holds.
  std::string Bytes(size_t size) {
    std::string bytes;
    while (bytes.size() < size) {
      const auto c = static_cast<char>(engine_() & 0xFF);
      if (c != '\0' && c != '/') bytes += c;
    }
    return bytes;
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace seshat::testing
