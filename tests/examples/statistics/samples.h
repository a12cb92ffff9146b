// Small files of each format, made here, and real ones where they are.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "statistics.h"
#include "support/temp_dir.h"

namespace seshat::testing {

std::string Little(uint64_t value, size_t bytes);

// EDF+ with the signals "sine" (4 samples a record, physical -1 to 1 mV over -1000 to 1000) and "EDF Annotations".
std::string SampleEdf(const std::vector<std::vector<int16_t>>& records);
// ULog with the topic "pose" {timestamp, vec3 position {float x, y, z}, int8_t[2] flags, char[4] name, _padding}.
std::string SampleUlog(const std::vector<float>& x);
// Format 16, two signals.
std::string SampleWfdbHeader();
std::string SampleWfdb(const std::vector<int16_t>& samples);

// Of a file of these bytes with this name, alone in a directory but for `siblings`.
statistics::Statistics StatisticsOf(std::string_view bytes, const std::string& name,
                                    const std::vector<std::pair<std::string, std::string>>& siblings = {});
const statistics::Channel* Find(const statistics::Statistics& statistics, std::string_view channel);

// A recording under $SESHAT_SHARED/real-sessions, or nothing where that is not there.
std::optional<std::filesystem::path> RealRecording(const std::string& path);

}  // namespace seshat::testing
