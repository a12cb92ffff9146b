#include "core/metadata/metadata_lines.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace seshat::metadata {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

bool IsComment(std::string_view trimmed) { return trimmed.empty() || trimmed.front() == '#' || trimmed.front() == ';'; }

// The text between the quotes at the start of `text`, and what follows them.
struct Quoted {
  std::string text;
  std::string_view rest;
};

std::optional<Quoted> ReadQuoted(std::string_view text) {
  Quoted quoted;
  for (size_t i = 1; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      quoted.rest = text.substr(i + 1);
      return quoted;
    }
    if (c != '\\' || i + 1 == text.size()) {
      quoted.text += c;
      continue;
    }
    const char escaped = text[++i];
    switch (escaped) {
      case '"':
      case '\\':
        quoted.text += escaped;
        break;
      case 'n':
        quoted.text += '\n';
        break;
      case 't':
        quoted.text += '\t';
        break;
      default:  // no escape of ours: "C:\data" stays as it is
        quoted.text += c;
        quoted.text += escaped;
    }
  }
  return std::nullopt;
}

bool IsSection(std::string_view trimmed) {
  if (trimmed.front() != '[') return false;
  const size_t end = trimmed.find_first_of("[]", 1);
  return end != std::string_view::npos && trimmed[end] == ']' && IsComment(Trim(trimmed.substr(end + 1)));
}

}  // namespace

// Twice the value, because every character of a quoted one may be escaped; and some blanks.
MetadataLines::MetadataLines(MetadataCollector& collector)
    : collector_(collector),
      max_line_bytes_(2 * (collector.options().max_key_bytes + collector.options().max_value_bytes) + 1024) {}

void MetadataLines::Feed(std::string_view text) {
  constexpr auto kNone = std::string_view::npos;
  size_t carriage_return = text.find('\r');
  for (size_t at = 0; at < text.size() && !collector_.stopped();) {
    if (std::exchange(after_carriage_return_, false) && text[at] == '\n') {
      ++at;
      continue;
    }
    if (carriage_return != kNone && carriage_return < at) carriage_return = text.find('\r', at);
    const size_t end = std::min(text.find('\n', at), carriage_return);
    if (end == kNone) return Append(text.substr(at));
    EndLine(text.substr(at, end - at));
    after_carriage_return_ = text[end] == '\r';
    at = end + 1;
  }
}

void MetadataLines::Append(std::string_view part) {
  const size_t room = max_line_bytes_ - line_.size();
  if (part.size() > room) line_cut_ = true;
  line_ += part.substr(0, room);
}

void MetadataLines::EndLine(std::string_view last_part) {
  if (line_.empty() && last_part.size() <= max_line_bytes_) {
    Line(last_part);
  } else {
    Append(last_part);
    // Comments may be as long as they like.
    if (std::exchange(line_cut_, false) && !IsComment(Trim(line_)))
      collector_.Truncate(line_number_, "the line is too long: its end was left out");
    Line(line_);
    line_.clear();
  }
  ++line_number_;
}

void MetadataLines::Finish() {
  if (!line_.empty() && !collector_.stopped()) EndLine({});
}

void MetadataLines::Line(std::string_view line) {
  const auto trimmed = Trim(line);
  if (IsComment(trimmed)) return;
  if (IsSection(trimmed)) return Section(trimmed);
  Entry(trimmed);
}

void MetadataLines::Section(std::string_view line) {
  const auto name = Trim(line.substr(1, line.find(']') - 1));
  // One byte more than a key may have: then every key below is seen to be too long.
  section_ = name.substr(0, collector_.options().max_key_bytes + 1);
  if (!section_.empty()) section_ += '.';
}

void MetadataLines::Entry(std::string_view line) {
  std::string quoted_key;
  std::string_view key;
  size_t separator = line.find_first_of(":=");
  if (line.front() == '"') {
    auto quoted = ReadQuoted(line);
    const auto rest = quoted ? Trim(quoted->rest) : std::string_view();
    if (!rest.empty() && (rest.front() == ':' || rest.front() == '=')) {
      quoted_key = std::move(quoted->text);
      key = quoted_key;
      separator = static_cast<size_t>(rest.data() - line.data());
    }
  }
  if (separator == std::string_view::npos) return collector_.Problem(line_number_, "no ':' or '='");
  if (quoted_key.empty()) key = Trim(line.substr(0, separator));

  auto value = Trim(line.substr(separator + 1));
  std::string quoted_value;
  if (!value.empty() && value.front() == '"') {
    if (auto quoted = ReadQuoted(value)) {
      // `"left" and "right"` is no quoted value but a text with quotes in it.
      if (Trim(quoted->rest).empty()) {
        quoted_value = std::move(quoted->text);
        value = quoted_value;
      }
    } else {
      collector_.Problem(line_number_, "the value has no closing quote and is taken as it is");
    }
  }
  if (key.empty() || section_.empty()) return collector_.Add(line_number_, key, value);
  collector_.Add(line_number_, section_ + std::string(key), value);
}

}  // namespace seshat::metadata
