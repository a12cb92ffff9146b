#include "statistics.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <utility>

#include "core/base/utf8.h"
#include "file_reader.h"
#include "formats.h"

namespace seshat::statistics {
namespace {

using std::string_view_literals::operator""sv;

// Formats that are told by their first bytes, but not read.
constexpr std::pair<std::string_view, std::string_view> kMagics[] = {
    {"#ROSBAG V2.0"sv, "rosbag"}, {"SQLite format 3\0"sv, "sqlite"}, {"\x89HDF\r\n\x1a\n"sv, "hdf5"},
    {"\x1f\x8b"sv, "gzip"},       {"PK\x03\x04"sv, "zip"},           {"\x28\xb5\x2f\xfd"sv, "zstd"},
    {"\x89MCAP0\r\n"sv, "mcap"},  {"\x89PNG\r\n\x1a\n"sv, "png"},    {"%PDF-"sv, "pdf"},
};

Analysis Analyse(FileReader& file, const std::filesystem::path& input, std::string_view beginning) {
  if (beginning.empty()) return Unknown("the file is empty");
  if (beginning.starts_with("ULog\x01\x12\x35"sv)) return AnalyseUlog(file);
  if (beginning.starts_with("0       "sv)) return AnalyseEdf(file);
  for (const auto& [magic, format] : kMagics)
    if (beginning.starts_with(magic)) return {.format = std::string(format), .note = "its channels are not read"};
  if (const auto header = FindWfdbHeader(input)) return AnalyseWfdb(file, *header, input.filename().string());
  if (const auto delimiter = LooksLikeCsv(beginning)) return AnalyseCsv(file, *delimiter);
  return Unknown(input.extension() == ".dat" ? "no header beside it describes it" : "no known format");
}

// A field of a CSV row; text from outside is neither a row of its own nor a formula of a spreadsheet.
std::string Quote(std::string_view text) {
  std::string quoted = "\"";
  if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos) quoted += '\'';
  for (const char c : EscapeForTerminal(text)) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

}  // namespace

bool Compute(const std::filesystem::path& input, Statistics& statistics) {
  FileReader file(input);
  if (!file.ok()) return false;
  std::array<uint64_t, 256> counts{};
  std::string beginning;
  std::string buffer(1 << 16, '\0');
  while (const size_t n = file.ReadSome(buffer.data(), buffer.size())) {
    if (beginning.empty()) beginning = buffer.substr(0, n);
    for (size_t i = 0; i < n; ++i) ++counts[static_cast<unsigned char>(buffer[i])];
    statistics.bytes += n;
  }
  for (const uint64_t count : counts) {
    if (count == 0) continue;
    const double share = static_cast<double>(count) / static_cast<double>(statistics.bytes);
    statistics.entropy -= share * std::log2(share);
  }
  statistics.analysis = Analyse(file, input, beginning);
  return file.ok();
}

std::string ToCsv(const Statistics& statistics) {
  std::string csv = "kind,name,value,unit,count,minimum,maximum,mean\n";
  csv += fmt::format("file,size,{},bytes,,,,\n", statistics.bytes);
  csv += fmt::format("file,entropy,{:.6f},bits per byte,,,,\n", std::abs(statistics.entropy));
  csv += fmt::format("file,format,{},,,,,\n", statistics.analysis.format);
  if (!statistics.analysis.note.empty()) csv += fmt::format("file,note,{},,,,,\n", Quote(statistics.analysis.note));
  for (const Channel& channel : statistics.analysis.channels) {
    csv += fmt::format("channel,{},,{},{}", Quote(channel.name), channel.unit.empty() ? "" : Quote(channel.unit),
                       channel.count);
    csv += channel.count == 0 ? ",,,\n" : fmt::format(",{},{},{}\n", channel.minimum, channel.maximum, channel.mean());
  }
  return csv;
}

}  // namespace seshat::statistics
