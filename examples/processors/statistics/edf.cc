// European Data Format (Kemp et al. 1992) and EDF+: 16-bit samples in records of fixed size, calibrated to
// physical units by the header. Annotation signals of EDF+ are text and are left out.
#include <algorithm>
#include <array>

#include "formats.h"
#include "little_endian.h"

namespace seshat::statistics {
namespace {

constexpr int kMaxSignals = 4096;
constexpr double kMaxSamples = 1 << 24;  // in a record, of one signal

struct Signal {
  Channel channel;
  double scale = 1;
  double offset = 0;
  size_t samples = 0;
  bool annotations = false;
};

struct Header {
  std::vector<Signal> signals;
  std::optional<double> records;  // none where the recorder was cut off before it wrote the number
};

// One field of all signals: the header holds them field by field.
std::vector<std::string> Column(FileReader& file, size_t signals, size_t width) {
  std::vector<std::string> column(signals);
  for (std::string& text : column) text = std::string(Trim(file.Text(width)));
  return column;
}

// The problem, or nothing.
std::string ReadSignals(FileReader& file, size_t count, Header& header) {
  const auto labels = Column(file, count, 16);
  if (!file.Skip(80 * count)) return "the header is cut off";
  const auto units = Column(file, count, 8);
  std::array<std::vector<std::string>, 4> limits;  // physical minimum, maximum, digital minimum, maximum
  for (auto& limit : limits) limit = Column(file, count, 8);
  if (!file.Skip(80 * count)) return "the header is cut off";
  const auto samples = Column(file, count, 8);
  if (!file.Skip(32 * count)) return "the header is cut off";
  for (size_t i = 0; i < count; ++i) {
    Signal signal{.channel = {.name = labels[i], .unit = units[i]},
                  .annotations = labels[i].starts_with("EDF Annotations")};
    const auto number = ParseNumber(samples[i]);
    if (!number || *number < 0 || *number > kMaxSamples) return "a signal's number of samples is not one";
    signal.samples = static_cast<size_t>(*number);
    std::array<double, 4> limit{};
    for (size_t k = 0; k < limit.size(); ++k) {
      const auto value = ParseNumber(limits[k][i]);
      if (!value && !signal.annotations) return "a signal's range is no number";
      limit[k] = value.value_or(0);
    }
    if (limit[2] != limit[3]) {
      signal.scale = (limit[1] - limit[0]) / (limit[3] - limit[2]);
      signal.offset = limit[0] - signal.scale * limit[2];
    }
    header.signals.push_back(std::move(signal));
  }
  return "";
}

// Adds samples until the record or the file ends; false at the end of the file.
bool ReadRecord(FileReader& file, std::vector<Signal>& signals) {
  std::array<unsigned char, 8192> bytes;
  for (Signal& signal : signals) {
    for (size_t left = signal.samples; left > 0;) {
      const size_t part = std::min(left, bytes.size() / 2);
      const size_t n = file.ReadSome(bytes.data(), part * 2);
      for (size_t i = 0; i + 1 < n && !signal.annotations; i += 2)
        signal.channel.Add(signal.scale * LoadLittle<int16_t>(&bytes[i]) + signal.offset);
      if (n != part * 2) return false;
      left -= part;
    }
  }
  return true;
}

}  // namespace

Analysis AnalyseEdf(FileReader& file) {
  file.Rewind();
  const std::string fixed = file.Text(256);
  if (fixed.empty()) return Unknown("begins like EDF, but is shorter than its header");
  const auto count = ParseNumber(std::string_view(fixed).substr(252, 4));
  if (!count || *count < 1 || *count > kMaxSignals) return Unknown("begins like EDF, but names no signals");
  Header header;
  const auto records = ParseNumber(std::string_view(fixed).substr(236, 8));
  if (records && *records >= 0) header.records = records;
  if (const std::string problem = ReadSignals(file, static_cast<size_t>(*count), header); !problem.empty())
    return Unknown("begins like EDF, but " + problem);

  const bool plus = std::string_view(fixed).substr(192).starts_with("EDF+");
  Analysis analysis{.format = plus ? "edf+" : "edf"};
  const bool holds_any = std::ranges::any_of(header.signals, [](const Signal& s) { return s.samples > 0; });
  for (double record = 0; holds_any && (!header.records || record < *header.records); ++record) {
    if (ReadRecord(file, header.signals)) continue;
    if (header.records) analysis.note = "the file ends before its last record";
    break;
  }
  for (Signal& signal : header.signals)
    if (!signal.annotations) analysis.channels.push_back(std::move(signal.channel));
  return analysis;
}

}  // namespace seshat::statistics
