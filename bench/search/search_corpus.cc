#include "search/search_corpus.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_set>

namespace seshat::bench {
namespace {

constexpr size_t kWords = 40'000;

uint64_t Mix(uint64_t x) {
  x += 0x9E3779B97F4A7C15;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

// The random numbers that belong to one thing.
class Dice {
 public:
  Dice(uint64_t seed, uint64_t number, uint64_t salt) : state_(Mix(seed ^ Mix(number ^ Mix(salt)))) {}
  uint64_t Next() { return state_ = Mix(state_); }
  uint64_t Below(uint64_t count) { return Next() % count; }
  double Uniform() { return static_cast<double>(Next() >> 11) * 0x1p-53; }
  // About normal, of mean 0 and deviation 1.
  double Normal() { return (Uniform() + Uniform() + Uniform() + Uniform() - 2) * std::sqrt(3.0); }

 private:
  uint64_t state_;
};

struct CategoryKey {
  std::string_view key;
  std::string_view stem;
  uint64_t values;
};

constexpr auto kCategories = std::to_array<CategoryKey>({{"rig", "rig-", 40},
                                                         {"operator", "operator ", 120},
                                                         {"site", "site ", 8},
                                                         {"sys_name", "PX", 6},
                                                         {"firmware", "v1.", 60},
                                                         {"project", "project ", 150},
                                                         {"sensor_type", "sensor ", 25},
                                                         {"test_type", "test ", 12},
                                                         {"status", "status ", 3},
                                                         {"mode", "mode ", 5},
                                                         {"vehicle", "vehicle ", 300},
                                                         {"weather", "weather ", 7}});

std::vector<std::string> MakeWords(uint64_t seed) {
  static constexpr std::array<std::string_view, 20> kBegin = {"b", "c", "d", "f", "g",  "h",  "j",  "l", "m",  "n",
                                                              "p", "r", "s", "t", "st", "tr", "pl", "k", "gr", "sh"};
  static constexpr std::array<std::string_view, 10> kMiddle = {"a", "e", "i", "o", "u", "ea", "ou", "ai", "er", "in"};
  static constexpr std::array<std::string_view, 10> kEnd = {"", "n", "r", "t", "l", "s", "m", "ck", "nd", "st"};
  std::unordered_set<std::string> known;
  std::vector<std::string> words;
  Dice dice(seed, 0, 1);
  while (words.size() < kWords) {
    std::string word;
    // Common words are short.
    const uint64_t syllables = 1 + (words.size() > 300 ? 1 : 0) + dice.Below(words.size() > 5'000 ? 3 : 2);
    for (uint64_t i = 0; i < syllables; ++i) {
      word += kBegin[dice.Below(kBegin.size())];
      word += kMiddle[dice.Below(kMiddle.size())];
      if (i + 1 == syllables) word += kEnd[dice.Below(kEnd.size())];
    }
    if (known.insert(word).second) words.push_back(std::move(word));
  }
  return words;
}

Timestamp StartOf(uint64_t seed, uint64_t number) {
  constexpr Timestamp kFirst{std::chrono::sys_days{std::chrono::year{2015} / 1 / 1}};
  constexpr auto kApart = std::chrono::seconds{300};
  constexpr uint64_t kLateOneIn = 30;
  Dice dice(seed, number, 2);
  const auto on_time = kFirst + kApart * static_cast<int64_t>(number) + std::chrono::milliseconds{dice.Below(300'000)};
  if (dice.Below(kLateOneIn) != 0) return on_time;
  return on_time - std::chrono::hours{24} * static_cast<int64_t>(1 + dice.Below(60));
}

}  // namespace

SearchCorpus::SearchCorpus(uint64_t seed, uint64_t sessions)
    : seed_(seed), sessions_(sessions), words_(MakeWords(seed)) {}

const std::string& SearchCorpus::WordByFrequency(double uniform) const {
  const auto rank = static_cast<size_t>(std::pow(static_cast<double>(kWords), uniform));
  return words_[std::min(rank, kWords) - 1];
}

std::string SearchCorpus::Category(std::string_view key, double uniform) const {
  const auto* category = std::ranges::find(kCategories, key, &CategoryKey::key);
  if (category == kCategories.end()) return {};
  const auto index = static_cast<uint64_t>(static_cast<double>(category->values) * uniform * uniform);
  return fmt::format("{}{:02}", category->stem, index);
}

std::string SearchCorpus::Serial(uint64_t number) const { return fmt::format("SN-{:08}", number * 7 + 1'000'000); }

std::string SearchCorpus::SomeWords(uint64_t number, uint64_t salt, int count) const {
  Dice dice(seed_, number, salt);
  std::string text;
  for (int i = 0; i < count; ++i) {
    if (i > 0) text += ' ';
    text += WordByFrequency(dice.Uniform());
  }
  return text;
}

void SearchCorpus::AddMetadata(uint64_t number, Timestamp started_at, std::vector<MetadataEntry>& out) const {
  Dice dice(seed_, number, 3);
  const auto add = [&](std::string_view key, const std::string& text) {
    out.push_back({std::string(key), metadata::TypeValue(text)});
  };
  for (const auto& category : kCategories) add(category.key, Category(category.key, dice.Uniform()));
  const auto day = std::chrono::floor<std::chrono::days>(started_at);
  add("serial", Serial(number));
  add("batch", fmt::format("B-{:05}", number / 50));
  add("host", fmt::format("lab-host-{:04}", dice.Below(3000)));
  add("log_file", fmt::format("log_{}_{}.ulg", number % 1000, FormatTimestamp(day).substr(0, 10)));
  add("commit", fmt::format("{:08x}", static_cast<uint32_t>(Mix(number / 20))));
  add("temp", fmt::format("{:.1f} °C", 22 + 6 * dice.Normal()));
  add("humidity", fmt::format("{:.1f} %", 45 + 10 * dice.Normal()));
  add("voltage", fmt::format("{:.3f} V", 12 + 0.5 * dice.Normal()));
  add("rate", fmt::format("{} kHz", 1 << dice.Below(6)));
  add("duration_s", std::to_string(10 + dice.Below(7200)));
  add("peak_load_n", fmt::format("{:.4f}", 1000 * dice.Uniform()));
  add("altitude_m", fmt::format("{:.2f}", 500 + 120 * dice.Normal()));
  add("gain", fmt::format("{:.1f}", 0.5 * static_cast<double>(dice.Below(20))));
  add("cycles", std::to_string(dice.Below(100'000)));
  add("calibrated_on", FormatTimestamp(day - std::chrono::days{dice.Below(365)}).substr(0, 10));
  add("recorded_at", FormatTimestamp(std::chrono::floor<std::chrono::seconds>(started_at)));
  add("title", SomeWords(number, 4, 6));
  add("notes", SomeWords(number, 5, 25));
}

SessionDocument SearchCorpus::Session(uint64_t number) const {
  Dice dice(seed_, number, 6);
  SessionDocument d;
  d.session_id = fmt::format("run-{:07}", number);
  d.version = (uint64_t{1} << 32) + 1;
  d.revision = 1;
  d.source = fmt::format("bench-{}", dice.Below(12));
  d.state = dice.Below(50) == 0 ? "partial" : "complete";
  d.metadata_state = "present";
  d.started_at = StartOf(seed_, number);
  d.ended_at = d.started_at + std::chrono::seconds{10 + dice.Below(7200)};
  d.migrated_at = d.ended_at + std::chrono::seconds{60};
  d.manifest_key = d.session_id + "/manifests/000001.json";
  for (const char* path : {"sensor-a.bin", "events.log"}) {
    FileDocument file;
    file.path = path;
    file.key = fmt::format("{}/raw/{}", d.session_id, path);
    file.size = 100'000 + dice.Below(100'000'000);
    for (auto& byte : file.sha256.bytes) byte = static_cast<std::byte>(dice.Next());
    d.bytes += file.size;
    d.files.push_back(std::move(file));
  }
  d.file_count = d.files.size();
  const auto outputs = fmt::format("{}/processed/statistics-1/raw/sensor-a.bin", d.session_id);
  d.files[0].results.push_back({"statistics",
                                "1",
                                "succeeded",
                                outputs + "/receipt.json",
                                "",
                                {{"statistics.csv", outputs + "/statistics.csv", 2000 + dice.Below(3000)}}});
  AddMetadata(number, d.started_at, d.metadata);
  return d;
}

}  // namespace seshat::bench
