// One function for each format that is known. Each reads `file` from its beginning and keeps a bounded part of
// it in memory; what is malformed gives format "unknown" and a note, never an error.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "channel.h"
#include "file_reader.h"

namespace seshat::statistics {

// Ours: more channels than that are no longer a table for people, and would need unbounded memory.
inline constexpr size_t kMaxChannels = 20'000;

Analysis AnalyseEdf(FileReader& file);
Analysis AnalyseUlog(FileReader& file);
Analysis AnalyseCsv(FileReader& file, char delimiter);

// `header` is the text of the .hea file, `name` the signal file's own name.
Analysis AnalyseWfdb(FileReader& file, std::string_view header, std::string_view name);
// The text of the header beside `input` that speaks of it.
std::optional<std::string> FindWfdbHeader(const std::filesystem::path& input);

// The delimiter, where the beginning of a file looks like a table of numbers.
std::optional<char> LooksLikeCsv(std::string_view beginning);

// A finite number and nothing else, blanks around it aside.
std::optional<double> ParseNumber(std::string_view text);
std::string_view Trim(std::string_view text);

}  // namespace seshat::statistics
