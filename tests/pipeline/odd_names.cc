#include "pipeline/odd_names.h"

#include <algorithm>
#include <vector>

#include "core/records/blob_key.h"

namespace seshat::testing {
namespace {

constexpr size_t kMaxSegment = 255;

const std::vector<std::string>& HostileSegments() {
  static const std::vector<std::string> segments{
      "receipt.json",
      "failure-001.json",
      "attempt-1",
      "output-1",
      "long-0123456789abcdef",
      "manifests",
      "000001.json",
      "owner.json",
      "raw",
      "raw.r2",
      "processed",
      "-rf",
      "...",
      " blank ",
      "100%",
      "%2e%2e",
      "%",
      "a\nb",
      "\x1b[31mred",
      "\xFF\xFE",
      "caf\xC3\xA9",
      "cafe\xCC\x81",
      "\xE6\xB8\xAC\xE5\xAE\x9A",
      "back\\slash",
      "quote\"'`",
      "$(reboot)",
      "*?[a-z]",
      "{input}",
      "COM1",
      "trailing.",
      "x;y&z|",
      "<script>",
  };
  return segments;
}

std::string Segment(Dice& dice, size_t most) {
  std::string segment;
  switch (dice.Below(6)) {
    case 0:
      segment = dice.Pick(HostileSegments());
      break;
    case 1:
      segment = dice.Bytes(1 + dice.Below(12));
      break;
    case 2:
      segment = std::string(1 + dice.Below(kMaxSegment), static_cast<char>('a' + dice.Below(26)));
      break;
    default:
      segment = "file-" + std::to_string(dice.Below(40)) + ".dat";
  }
  segment.resize(std::min({segment.size(), most, kMaxSegment}));
  if (segment == "." || segment == "..") segment += "x";
  return segment;
}

// The patterns of SourceSpec::metadata_files, and the note's name.
bool HasOwnMeaning(const std::string& segment) {
  return segment.ends_with(".meta") || segment == "metadata.txt" || segment == "metadata.json" ||
         segment == "SESHAT-MOVED.txt";
}

size_t KeyBytes(const std::string& path) { return records::EncodePath(path).size(); }

}  // namespace

std::string OddPath(Dice& dice, const OddNameOptions& options) {
  // Every third path is as long as it may be.
  const size_t goal = dice.OneIn(3) ? options.max_path_bytes : 1 + dice.Below(60);
  std::string path;
  do {
    std::string segment = Segment(dice, std::max<size_t>(goal, 8));
    if (HasOwnMeaning(segment)) continue;
    std::string longer = path.empty() ? segment : path + "/" + segment;
    if (KeyBytes(longer) > options.max_path_bytes) break;
    path = std::move(longer);
  } while (KeyBytes(path) + 2 < goal);
  if (path.empty()) return "file-" + std::to_string(dice.Below(40));
  if (goal == options.max_path_bytes && path.size() - path.rfind('/') - 1 < kMaxSegment)
    while (KeyBytes(path) < goal && path.size() - (path.rfind('/') + 1) < kMaxSegment) path += 'z';
  return path;
}

std::string OddSessionName(Dice& dice, size_t number) {
  const std::string suffix = "-" + std::to_string(number);
  switch (dice.Below(8)) {
    case 0: {
      std::string name = dice.Pick(HostileSegments()) + suffix;
      return name;
    }
    case 1:
      return std::string(60 + dice.Below(60), 's') + suffix;
    case 2:
      return "M\xC3\xA4rz 2026 " + suffix;
    default:
      return "2026-11-23-bench" + suffix;
  }
}

std::string OddOutputName(Dice& dice) {
  switch (dice.Below(5)) {
    case 0:
      return "deep/" + dice.Pick(HostileSegments());
    case 1:
      return dice.Pick(HostileSegments());
    case 2:
      return std::string(1 + dice.Below(200), 'o');
    default:
      return "result-" + std::to_string(dice.Below(5)) + ".csv";
  }
}

}  // namespace seshat::testing
