// Recordings that never happened: sensor files in the formats that labs use, repeatable byte for byte.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace seshat::cli {

// A small generator whose numbers are the same on every machine (splitmix64).
class Dice {
 public:
  explicit Dice(uint64_t seed) : state_(seed) {}
  // The same for the same texts.
  static Dice For(uint64_t seed, std::string_view source, uint64_t number);

  uint64_t Next();
  uint64_t Below(uint64_t bound);
  double Unit();  // [0, 1)

 private:
  uint64_t state_;
};

// Samples of a sensor: slow waves with noise, channel by channel.
std::vector<std::vector<int16_t>> Waves(Dice& dice, size_t channels, size_t samples);

std::string CsvRecording(const std::vector<std::vector<int16_t>>& channels, double rate_hz);
std::string RawRecording(const std::vector<std::vector<int16_t>>& channels);  // int16, little endian, interleaved

// EDF, as Kemp et al. specified it in 1992; one record a second.
std::string EdfRecording(const std::vector<std::vector<int16_t>>& channels, size_t rate_hz, std::string_view patient,
                         std::string_view date);

// WFDB, format 16: the samples as RawRecording writes them, and this header beside them.
std::string WfdbHeader(std::string_view record, const std::vector<std::vector<int16_t>>& channels, size_t rate_hz);

}  // namespace seshat::cli
