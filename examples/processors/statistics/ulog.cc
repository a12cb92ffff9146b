// ULog, the flight log of PX4: self-describing messages. Every numeric field of every logged topic is a channel
// "<topic>.<instance>/<field>".
#include <algorithm>
#include <charconv>
#include <map>
#include <unordered_map>

#include "formats.h"
#include "little_endian.h"

namespace seshat::statistics {
namespace {

constexpr size_t kMaxFields = 4096;  // of one topic, everything unfolded
constexpr size_t kMaxFormats = 4096;
constexpr int kMaxNesting = 8;
constexpr size_t kMaxFormatBytes = 16 << 20;  // of all definitions together
constexpr size_t kMaxNameBytes = 512;
// Steps spent on laying out topics, for a whole file: real logs need some thousands, and definitions that name
// each other in large arrays could take for ever.
constexpr size_t kMaxSteps = 1'000'000;

enum class Kind { kI8, kU8, kI16, kU16, kI32, kU32, kI64, kU64, kF32, kF64, kBool, kChar };

struct Basic {
  std::string_view name;
  Kind kind;
  size_t size;
};

constexpr Basic kBasics[] = {{"int8_t", Kind::kI8, 1},    {"uint8_t", Kind::kU8, 1},   {"int16_t", Kind::kI16, 2},
                             {"uint16_t", Kind::kU16, 2}, {"int32_t", Kind::kI32, 4},  {"uint32_t", Kind::kU32, 4},
                             {"int64_t", Kind::kI64, 8},  {"uint64_t", Kind::kU64, 8}, {"float", Kind::kF32, 4},
                             {"double", Kind::kF64, 8},   {"bool", Kind::kBool, 1},    {"char", Kind::kChar, 1}};

double Load(Kind kind, const unsigned char* bytes) {
  switch (kind) {
    case Kind::kI8:
      return LoadLittle<int8_t>(bytes);
    case Kind::kU8:
    case Kind::kBool:
    case Kind::kChar:
      return *bytes;
    case Kind::kI16:
      return LoadLittle<int16_t>(bytes);
    case Kind::kU16:
      return LoadLittle<uint16_t>(bytes);
    case Kind::kI32:
      return LoadLittle<int32_t>(bytes);
    case Kind::kU32:
      return LoadLittle<uint32_t>(bytes);
    case Kind::kI64:
      return static_cast<double>(LoadLittle<int64_t>(bytes));
    case Kind::kU64:
      return static_cast<double>(LoadLittle<uint64_t>(bytes));
    case Kind::kF32:
      return LoadLittle<float>(bytes);
    case Kind::kF64:
      return LoadLittle<double>(bytes);
  }
  return 0;
}

struct Field {
  Kind kind;
  size_t offset;
  size_t channel;
};

struct Topic {
  std::vector<Field> fields;
};

class UlogReader {
 public:
  explicit UlogReader(FileReader& file) : file_(file) {}

  Analysis Run() {
    file_.Rewind();
    if (!file_.Skip(16)) return Unknown("begins like ULog, but is shorter than its header");
    std::vector<unsigned char> payload;
    while (true) {
      unsigned char head[3];
      const size_t n = file_.ReadSome(head, sizeof head);
      if (n == 0) break;
      payload.resize(n == sizeof head ? LoadLittle<uint16_t>(head) : 0);
      if (n != sizeof head || !file_.Read(payload.data(), payload.size())) {
        analysis_.note = "the log ends in the middle of a message";
        break;
      }
      Take(static_cast<char>(head[2]), payload);
    }
    if (formats_.empty()) return Unknown("begins like ULog, but defines no message");
    analysis_.format = "ulog";
    return std::move(analysis_);
  }

 private:
  using Payload = std::vector<unsigned char>;

  void Take(char type, const Payload& payload) {
    const std::string_view text(reinterpret_cast<const char*>(payload.data()), payload.size());
    if (type == 'F') Define(text);
    if (type == 'A' && payload.size() > 3) Subscribe(payload, text.substr(3));
    if (type == 'D' && payload.size() >= 2) Add(payload);
  }

  void Define(std::string_view text) {
    const size_t colon = text.find(':');
    if (colon == std::string_view::npos || formats_.size() >= kMaxFormats) return;
    format_bytes_ += text.size();
    if (format_bytes_ > kMaxFormatBytes) return;
    formats_.emplace(std::string(text.substr(0, colon)), std::string(text.substr(colon + 1)));
  }

  void Subscribe(const Payload& payload, std::string_view name) {
    const std::string channel = std::string(name) + "." + std::to_string(payload[0]) + "/";
    Topic topic;
    size_t offset = 0;
    if (Unfold(name, channel, kMaxNesting, offset, topic))
      topics_[LoadLittle<uint16_t>(&payload[1])] = std::move(topic);
  }

  // Lays the fields of a format out from `offset`; false where it cannot be known where they lie.
  bool Unfold(std::string_view format, const std::string& prefix, int nesting, size_t& offset, Topic& topic) {
    const auto found = formats_.find(std::string(format));
    if (found == formats_.end() || nesting == 0) return false;
    std::string_view rest = found->second;
    while (!rest.empty()) {
      if (++steps_ > kMaxSteps) return false;
      const size_t end = std::min(rest.find(';'), rest.size());
      const std::string_view definition = Trim(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (!definition.empty() && !UnfoldField(definition, prefix, nesting, offset, topic)) return false;
    }
    return true;
  }

  // "float[3] position"
  bool UnfoldField(std::string_view definition, const std::string& prefix, int nesting, size_t& offset, Topic& topic) {
    const size_t blank = definition.find(' ');
    if (blank == std::string_view::npos) return false;
    std::string_view type = definition.substr(0, blank);
    const std::string name(Trim(definition.substr(blank)));
    size_t repeats = 1;
    bool is_array = false;
    if (const size_t open = type.find('['); open != std::string_view::npos) {
      const std::string_view number = type.substr(open + 1);
      if (std::from_chars(number.data(), number.data() + number.size(), repeats).ec != std::errc{}) return false;
      type = type.substr(0, open);
      is_array = true;
    }
    if (repeats > 65'536) return false;  // longer than a message can be
    const auto basic = std::ranges::find(kBasics, type, &Basic::name);
    if (basic != std::end(kBasics) && (basic->kind == Kind::kChar || name.starts_with("_padding"))) {
      offset += basic->size * repeats;
      return true;
    }
    for (size_t i = 0; i < repeats; ++i) {
      if (++steps_ > kMaxSteps || prefix.size() + name.size() > kMaxNameBytes) return false;
      const std::string full = prefix + name + (is_array ? "[" + std::to_string(i) + "]" : "");
      if (basic == std::end(kBasics)) {
        if (!Unfold(type, full + ".", nesting - 1, offset, topic)) return false;
      } else {
        if (topic.fields.size() >= kMaxFields) return false;
        const auto channel = ChannelOf(full);
        if (channel) topic.fields.push_back({basic->kind, offset, *channel});
        offset += basic->size;
      }
    }
    return true;
  }

  std::optional<size_t> ChannelOf(const std::string& name) {
    const auto [at, is_new] = channels_.try_emplace(name, analysis_.channels.size());
    if (!is_new) return at->second;
    if (analysis_.channels.size() >= kMaxChannels) {
      channels_.erase(at);
      analysis_.note = "more channels than are listed here";
      return std::nullopt;
    }
    analysis_.channels.push_back({.name = name});
    return analysis_.channels.size() - 1;
  }

  void Add(const Payload& payload) {
    const auto topic = topics_.find(LoadLittle<uint16_t>(payload.data()));
    if (topic == topics_.end()) return;
    const unsigned char* data = payload.data() + 2;
    const size_t size = payload.size() - 2;
    for (const Field& field : topic->second.fields) {
      const size_t width = std::ranges::find(kBasics, field.kind, &Basic::kind)->size;
      if (field.offset + width > size) continue;  // the writer leaves the end of a message out at times
      analysis_.channels[field.channel].Add(Load(field.kind, data + field.offset));
    }
  }

  FileReader& file_;
  Analysis analysis_;
  size_t format_bytes_ = 0;
  size_t steps_ = 0;
  std::map<std::string, std::string> formats_;
  std::unordered_map<uint16_t, Topic> topics_;
  std::unordered_map<std::string, size_t> channels_;
};

}  // namespace

Analysis AnalyseUlog(FileReader& file) { return UlogReader(file).Run(); }

}  // namespace seshat::statistics
