// WFDB signal files (PhysioNet): samples of several signals interleaved, described by a text header in a file of
// its own. Formats 16, 24, 32, 61, 80 and 212. Values that mean "no sample" are left out.
#include <algorithm>
#include <charconv>
#include <fstream>
#include <system_error>

#include "formats.h"
#include "little_endian.h"

namespace seshat::statistics {
namespace {

constexpr size_t kMaxHeaderBytes = 1 << 20;
constexpr size_t kMaxSignals = 4096;
constexpr size_t kMaxPerFrame = 1024;
constexpr double kDefaultGain = 200;  // units of the converter for a millivolt, where a header gives none

struct Signal {
  Channel channel;
  double gain = kDefaultGain;
  double baseline = 0;
  size_t per_frame = 1;
};

struct Layout {
  int format = 0;
  uint64_t offset = 0;
  std::vector<Signal> signals;  // those of this file
};

std::vector<std::string_view> Words(std::string_view line) {
  std::vector<std::string_view> words;
  while (!(line = Trim(line)).empty()) {
    const size_t end = line.find_first_of(" \t");
    words.push_back(line.substr(0, end));
    if (end == std::string_view::npos) break;
    line.remove_prefix(end);
  }
  return words;
}

// Takes the whole number at the beginning of `text` off it.
std::optional<uint64_t> TakeNumber(std::string_view& text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return value;
}

// "212x2:3+100": format, samples in a frame, skew, where in the file the samples begin.
bool ReadFormat(std::string_view text, Layout& layout, Signal& signal) {
  const auto format = TakeNumber(text);
  if (!format || *format > 1000) return false;
  if (layout.format != 0 && layout.format != static_cast<int>(*format)) return false;
  layout.format = static_cast<int>(*format);
  while (!text.empty()) {
    const char what = text.front();
    text.remove_prefix(1);
    const auto number = TakeNumber(text);
    if (!number) return false;
    if (what == 'x') signal.per_frame = static_cast<size_t>(*number);
    if (what == '+') layout.offset = *number;
  }
  return signal.per_frame >= 1 && signal.per_frame <= kMaxPerFrame;
}

// "200(1024)/mV": gain, baseline, unit; each but the first may be missing.
bool ReadGain(std::string_view text, Signal& signal) {
  const size_t slash = text.find('/');
  signal.channel.unit = slash == std::string_view::npos ? "mV" : std::string(text.substr(slash + 1));
  text = text.substr(0, slash);
  bool has_baseline = false;
  if (const size_t open = text.find('('); open != std::string_view::npos) {
    const auto baseline = ParseNumber(text.substr(open + 1, text.find(')') - open - 1));
    if (!baseline) return false;
    signal.baseline = *baseline;
    has_baseline = true;
    text = text.substr(0, open);
  }
  const auto gain = ParseNumber(text);
  if (!gain) return false;
  signal.gain = *gain == 0 ? kDefaultGain : *gain;
  return has_baseline;
}

bool ReadSignalLine(const std::vector<std::string_view>& words, Layout& layout) {
  Signal signal;
  if (!ReadFormat(words[1], layout, signal)) return false;
  const bool has_baseline = words.size() > 2 && ReadGain(words[2], signal);
  if (!has_baseline && words.size() > 4) signal.baseline = ParseNumber(words[4]).value_or(0);
  if (signal.channel.unit.empty()) signal.channel.unit = "mV";
  // The description is the rest of the line, blanks and all.
  if (words.size() > 8) {
    const char* begin = words[8].data();
    signal.channel.name = std::string(begin, static_cast<size_t>(words.back().data() + words.back().size() - begin));
  } else {
    signal.channel.name = "signal " + std::to_string(layout.signals.size() + 1);
  }
  layout.signals.push_back(std::move(signal));
  return layout.signals.size() <= kMaxSignals;
}

// Nothing where the header is malformed, or does not speak of `name`.
std::optional<Layout> ReadHeader(std::string_view header, std::string_view name) {
  Layout layout;
  bool record_line = false;
  while (!header.empty()) {
    const size_t end = std::min(header.find('\n'), header.size());
    const std::string_view line = Trim(header.substr(0, end));
    header.remove_prefix(std::min(end + 1, header.size()));
    if (line.empty() || line.starts_with('#')) continue;
    const auto words = Words(line);
    if (!record_line) {
      record_line = true;
    } else if (words.size() >= 2 && words[0] == name && !ReadSignalLine(words, layout)) {
      return std::nullopt;
    }
  }
  if (layout.signals.empty()) return std::nullopt;
  return layout;
}

// Hands out the samples of a file one by one, in the order in which they lie there.
class Samples {
 public:
  Samples(FileReader& file, int format) : file_(file), format_(format) {}

  static bool Knows(int format) {
    return format == 16 || format == 24 || format == 32 || format == 61 || format == 80 || format == 212;
  }

  // False at the end. `valid` is false for "no sample here".
  bool Next(int32_t& value, bool& valid) {
    if (format_ == 212) return Next212(value, valid);
    const size_t width = format_ == 80 ? 1 : format_ == 24 ? 3 : format_ == 32 ? 4 : 2;
    unsigned char bytes[4] = {};
    if (!file_.Read(bytes, width)) return false;
    if (format_ == 61) std::swap(bytes[0], bytes[1]);
    if (format_ == 80) {
      value = static_cast<int32_t>(bytes[0]) - 128;
      valid = bytes[0] != 0;
      return true;
    }
    const auto bits = static_cast<unsigned>(8 * width);
    value = SignExtend(LoadLittle<uint32_t>(bytes), bits);
    valid = value != SignExtend(1U << (bits - 1), bits);
    return true;
  }

 private:
  // Two samples of 12 bits in three bytes.
  bool Next212(int32_t& value, bool& valid) {
    if (has_second_) {
      has_second_ = false;
      value = second_;
    } else {
      unsigned char bytes[3] = {};
      const size_t n = file_.ReadSome(bytes, sizeof bytes);
      if (n < 2) return false;
      value = SignExtend(static_cast<uint32_t>(bytes[0]) | ((bytes[1] & 0x0FU) << 8U), 12);
      second_ = SignExtend(static_cast<uint32_t>(bytes[2]) | ((bytes[1] & 0xF0U) << 4U), 12);
      has_second_ = n == 3;
    }
    valid = value != -2048;
    return true;
  }

  FileReader& file_;
  int format_;
  int32_t second_ = 0;
  bool has_second_ = false;
};

void AddAll(Samples& samples, std::vector<Signal>& signals) {
  int32_t value = 0;
  bool valid = false;
  while (true) {
    for (Signal& signal : signals) {
      for (size_t i = 0; i < signal.per_frame; ++i) {
        if (!samples.Next(value, valid)) return;
        if (valid) signal.channel.Add((value - signal.baseline) / signal.gain);
      }
    }
  }
}

}  // namespace

std::optional<std::string> FindWfdbHeader(const std::filesystem::path& input) {
  std::error_code error;
  const std::string name = input.filename().string();
  for (const auto& entry : std::filesystem::directory_iterator(input.parent_path(), error)) {
    if (entry.path().extension() != ".hea" || !entry.is_regular_file(error)) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    std::string text(kMaxHeaderBytes, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<size_t>(in.gcount()));
    if (ReadHeader(text, name)) return text;
  }
  return std::nullopt;
}

Analysis AnalyseWfdb(FileReader& file, std::string_view header, std::string_view name) {
  auto layout = ReadHeader(header, name);
  if (!layout) return Unknown("the header beside it does not describe it");
  if (!Samples::Knows(layout->format))
    return Unknown("WFDB signal format " + std::to_string(layout->format) + " is not known here");
  file.Rewind();
  if (!file.Skip(layout->offset)) return Unknown("the header beside it puts the samples behind its end");
  Samples samples(file, layout->format);
  AddAll(samples, layout->signals);
  Analysis analysis{.format = "wfdb"};
  for (Signal& signal : layout->signals) analysis.channels.push_back(std::move(signal.channel));
  return analysis;
}

}  // namespace seshat::statistics
