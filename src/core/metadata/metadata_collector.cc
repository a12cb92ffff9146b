#include "core/metadata/metadata_collector.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/utf8.h"

namespace seshat::metadata {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// The longest start of `text` that fits and, where the text is UTF-8, ends between two characters.
std::string_view CutAtCharacter(std::string_view text, size_t bytes) {
  if (text.size() <= bytes) return text;
  constexpr size_t kMaxTail = 3;  // continuation bytes of one character
  for (size_t end = bytes; bytes - end <= kMaxTail; --end) {
    if ((static_cast<unsigned char>(text[end]) & 0xC0) != 0x80) return text.substr(0, end);
    if (end == 0) break;
  }
  return text.substr(0, bytes);
}

}  // namespace

std::string MetadataCollector::Clean(uint64_t line, std::string_view text) {
  const bool has_nul = text.find('\0') != std::string_view::npos;
  if (!has_nul && IsValidUtf8(text)) return std::string(text);
  Truncate(line, has_nul ? "NUL bytes were replaced: is this a text file?"
                         : "invalid UTF-8 was replaced: save the file as UTF-8");
  const std::string valid = ReplaceInvalidUtf8(text);
  std::string out;
  out.reserve(valid.size());
  for (const char c : valid) {
    if (c == '\0') {
      out += kReplacement;
    } else {
      out += c;
    }
  }
  return out;
}

void MetadataCollector::Add(uint64_t line, std::string_view key, std::string_view value) {
  if (stopped_) return;
  if (key.empty()) return Problem(line, "the key is empty");
  if (metadata_.entries.size() >= options_.max_entries)
    return Stop(line, fmt::format("more than {} entries: the rest was left out", options_.max_entries));

  std::string clean_key = Clean(line, key.substr(0, options_.max_key_bytes + 1));
  if (clean_key.size() > options_.max_key_bytes)
    return Truncate(line, fmt::format("a key of more than {} bytes was left out", options_.max_key_bytes));
  std::string clean_value = Clean(line, CutAtCharacter(value, options_.max_value_bytes));
  // A replaced byte is three bytes long.
  if (value.size() > options_.max_value_bytes || clean_value.size() > options_.max_value_bytes) {
    clean_value.resize(CutAtCharacter(clean_value, options_.max_value_bytes).size());
    Truncate(line, fmt::format("a value was cut at {} bytes", options_.max_value_bytes));
  }
  if (clean_key.size() + clean_value.size() > options_.max_total_bytes - total_bytes_)
    return Stop(line,
                fmt::format("more than {} bytes of keys and values: the rest was left out", options_.max_total_bytes));
  total_bytes_ += clean_key.size() + clean_value.size();
  auto typed = TypeValue(clean_value);
  metadata_.entries.push_back({std::move(clean_key), std::move(typed)});
}

void MetadataCollector::Problem(uint64_t line, std::string_view text) {
  ++problems_;
  // One place is kept for the number of those not shown.
  if (metadata_.problems.size() + 1 < options_.max_problems)
    metadata_.problems.push_back(fmt::format("line {}: {}", line, text));
}

void MetadataCollector::Truncate(uint64_t line, std::string_view text) {
  if (!metadata_.truncated_at_line) metadata_.truncated_at_line = line;
  Problem(line, text);
}

void MetadataCollector::Stop(uint64_t line, std::string_view text) {
  if (stopped_) return;
  stopped_ = true;
  Truncate(line, text);
}

Metadata MetadataCollector::Finish() {
  if (problems_ > metadata_.problems.size())
    metadata_.problems.push_back(fmt::format("and {} more problems", problems_ - metadata_.problems.size()));
  return std::exchange(metadata_, {});
}

}  // namespace seshat::metadata
