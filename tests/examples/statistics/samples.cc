#include "samples.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <bit>
#include <cstdlib>

namespace seshat::testing {

namespace fs = std::filesystem;

std::string Little(uint64_t value, size_t bytes) {
  std::string text;
  for (size_t i = 0; i < bytes; ++i) text += static_cast<char>((value >> (8 * i)) & 0xFFU);
  return text;
}

std::string SampleEdf(const std::vector<std::vector<int16_t>>& records) {
  std::string edf = fmt::format("{:<8}{:<80}{:<80}{:<8}{:<8}{:<8}{:<44}{:<8}{:<8}{:<4}", "0", "patient", "recording",
                                "23.11.26", "05.50.00", 768, "EDF+C", records.size(), 1, 2);
  const auto column = [&](int width, std::string_view first, std::string_view second) {
    edf += fmt::format("{:<{}}{:<{}}", first, width, second, width);
  };
  column(16, "sine", "EDF Annotations");
  column(80, "", "");
  column(8, "mV", "");
  column(8, "-1", "-1");
  column(8, "1", "1");
  column(8, "-1000", "-32768");
  column(8, "1000", "32767");
  column(80, "", "");
  column(8, "4", "2");
  column(32, "", "");
  for (const auto& record : records) {
    for (const int16_t sample : record) edf += Little(static_cast<uint16_t>(sample), 2);
    edf += "+0\x14\x14";
  }
  return edf;
}

std::string SampleUlog(const std::vector<float>& x) {
  std::string log("ULog\x01\x12\x35\x01", 8);
  log += Little(0, 8);
  const auto message = [&](char type, const std::string& payload) {
    log += Little(payload.size(), 2) + type + payload;
  };
  message('B', std::string(40, '\0'));
  message('F', "vec3:float x;float y;float z;");
  message('F', "pose:uint64_t timestamp;vec3 position;int8_t[2] flags;char[4] name;uint8_t[2] _padding0;");
  message('A', Little(1, 1) + Little(7, 2) + "pose");
  for (const float value : x) {
    const auto bits = [](float f) { return Little(std::bit_cast<uint32_t>(f), 4); };
    message('D', Little(7, 2) + Little(1000, 8) + bits(value) + bits(0.5F) + bits(-value) + "\x01\xff" + "name");
  }
  return log;
}

std::string SampleWfdbHeader() {
  return "# made by a test\nrecord 2 250 3\nrecord.dat 16 100(10)/uV 12 0 0 0 0 lead one\n"
         "other.dat 16 1 12 0 0 0 0 elsewhere\nrecord.dat 16 200 12 0 0 0 0 lead two\n";
}

std::string SampleWfdb(const std::vector<int16_t>& samples) {
  std::string bytes;
  for (const int16_t sample : samples) bytes += Little(static_cast<uint16_t>(sample), 2);
  return bytes;
}

statistics::Statistics StatisticsOf(std::string_view bytes, const std::string& name,
                                    const std::vector<std::pair<std::string, std::string>>& siblings) {
  const TempDir directory;
  WriteFile(directory / name, bytes);
  for (const auto& [sibling, text] : siblings) WriteFile(directory / sibling, text);
  statistics::Statistics result;
  EXPECT_TRUE(statistics::Compute(directory / name, result));
  return result;
}

const statistics::Channel* Find(const statistics::Statistics& statistics, std::string_view channel) {
  for (const auto& c : statistics.analysis.channels)
    if (c.name == channel) return &c;
  ADD_FAILURE() << "no channel " << channel;
  return nullptr;
}

std::optional<fs::path> RealRecording(const std::string& path) {
  const char* shared = std::getenv("SESHAT_SHARED");  // NOLINT(concurrency-mt-unsafe): nothing changes it here
  const fs::path file = fs::path(shared != nullptr ? shared : SESHAT_SOURCE_DIR "/../shared") / "real-sessions" / path;
  std::error_code error;
  if (!fs::exists(file, error)) return std::nullopt;
  return file;
}

}  // namespace seshat::testing
