#include "cli/simulate/recordings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/digest/sha256.h"

namespace seshat::cli {

Dice Dice::For(uint64_t seed, std::string_view source, uint64_t number) {
  const Sha256 digest = Sha256::Of(AsBytes(fmt::format("{} {} {}", seed, source, number)));
  uint64_t state = 0;
  for (size_t i = 0; i < 8; ++i) state = state << 8 | std::to_integer<uint64_t>(digest.bytes[i]);
  return Dice(state);
}

uint64_t Dice::Next() {
  uint64_t z = (state_ += 0x9E3779B97F4A7C15);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

uint64_t Dice::Below(uint64_t bound) { return Next() % bound; }

double Dice::Unit() { return static_cast<double>(Next() >> 11) * 0x1p-53; }

std::vector<std::vector<int16_t>> Waves(Dice& dice, size_t channels, size_t samples) {
  std::vector<std::vector<int16_t>> all(channels);
  for (auto& channel : all) {
    const double period = 50 + 400 * dice.Unit();
    const double height = 2000 + 8000 * dice.Unit();
    channel.reserve(samples);
    for (size_t i = 0; i < samples; ++i) {
      const double wave = std::sin(2 * std::numbers::pi * static_cast<double>(i) / period);
      channel.push_back(static_cast<int16_t>(std::lround(height * wave + 200 * (dice.Unit() - 0.5))));
    }
  }
  return all;
}

std::string CsvRecording(const std::vector<std::vector<int16_t>>& channels, double rate_hz) {
  std::string out = "time_s";
  for (size_t c = 0; c < channels.size(); ++c) out += fmt::format(",channel_{}", c + 1);
  out += "\n";
  for (size_t i = 0; i < channels.front().size(); ++i) {
    out += fmt::format("{:.4f}", static_cast<double>(i) / rate_hz);
    for (const auto& channel : channels) out += fmt::format(",{:.2f}", channel[i] / 100.0);
    out += "\n";
  }
  return out;
}

std::string RawRecording(const std::vector<std::vector<int16_t>>& channels) {
  std::string out;
  out.reserve(channels.size() * channels.front().size() * 2);
  for (size_t i = 0; i < channels.front().size(); ++i) {
    for (const auto& channel : channels) {
      const auto bits = static_cast<uint16_t>(channel[i]);
      out += static_cast<char>(bits & 0xFF);
      out += static_cast<char>(bits >> 8);
    }
  }
  return out;
}

std::string EdfRecording(const std::vector<std::vector<int16_t>>& channels, size_t rate_hz, std::string_view patient,
                         std::string_view date) {
  const size_t count = channels.size();
  const size_t records = channels.front().size() / rate_hz;
  const auto field = [](auto value, size_t width) { return fmt::format("{:<{}}", value, width).substr(0, width); };
  std::string out = field("0", 8) + field(patient, 80) + field("simulated", 80) + field(date, 8) + field("09.00.00", 8);
  out += field(256 * (count + 1), 8) + field("", 44) + field(records, 8) + field("1", 8) + field(count, 4);
  const auto each = [&](auto value_of, size_t width) {
    for (size_t c = 0; c < count; ++c) out += field(value_of(c), width);
  };
  each([](size_t c) { return fmt::format("EEG {}", c + 1); }, 16);
  each([](size_t) { return "simulated electrode"; }, 80);
  each([](size_t) { return "uV"; }, 8);
  each([](size_t) { return "-3276.8"; }, 8);
  each([](size_t) { return "3276.7"; }, 8);
  each([](size_t) { return "-32768"; }, 8);
  each([](size_t) { return "32767"; }, 8);
  each([](size_t) { return ""; }, 80);
  each([&](size_t) { return rate_hz; }, 8);
  each([](size_t) { return ""; }, 32);
  for (size_t record = 0; record < records; ++record) {
    for (const auto& channel : channels) {
      const auto begin = channel.begin() + static_cast<ptrdiff_t>(record * rate_hz);
      out += RawRecording({std::vector<int16_t>(begin, begin + static_cast<ptrdiff_t>(rate_hz))});
    }
  }
  return out;
}

std::string WfdbHeader(std::string_view record, const std::vector<std::vector<int16_t>>& channels, size_t rate_hz) {
  std::string out = fmt::format("{} {} {} {}\n", record, channels.size(), rate_hz, channels.front().size());
  for (size_t c = 0; c < channels.size(); ++c) {
    uint16_t checksum = 0;
    for (const int16_t sample : channels[c]) checksum = static_cast<uint16_t>(checksum + static_cast<uint16_t>(sample));
    out += fmt::format("{}.dat 16 200/mV 16 0 {} {} 0 LEAD {}\n", record, channels[c].front(),
                       static_cast<int16_t>(checksum), c + 1);
  }
  return out;
}

}  // namespace seshat::cli
