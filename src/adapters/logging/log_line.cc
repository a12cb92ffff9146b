#include <fmt/format.h>

#include <array>
#include <cctype>
#include <cmath>
#include <set>

#include "adapters/logging/logging.h"
#include "core/base/json_text.h"
#include "core/base/utf8.h"

namespace seshat::logging {
namespace {

constexpr std::string_view kRedacted = "[redacted]";

bool NamesASecret(std::string_view name) {
  for (const std::string_view word : {"password", "passwd", "secret", "token", "credential", "authorization", "api_key",
                                      "private_key", "access_key"}) {
    if (name.find(word) != std::string_view::npos) return true;
  }
  return false;
}

// "https://user:word@host/x" becomes "https://[redacted]@host/x".
std::string RedactUrls(std::string_view text) {
  std::string out;
  for (size_t mark = text.find("://"); mark != std::string_view::npos; mark = text.find("://")) {
    const size_t begin = mark + 3;
    const size_t end = std::min(text.find_first_of("/ \t\r\n\"'", begin), text.size());
    const size_t at = text.substr(0, end).rfind('@');
    out += text.substr(0, begin);
    if (at != std::string_view::npos && at >= begin) {
      out += kRedacted;
      text.remove_prefix(at);
    } else {
      text.remove_prefix(begin);
    }
  }
  out += text;
  return out;
}

std::string ValueText(const LogField& field) {
  if (NamesASecret(field.name)) return std::string(kRedacted);
  if (const auto* text = std::get_if<std::string_view>(&field.value)) return RedactUrls(*text);
  if (const auto* number = std::get_if<int64_t>(&field.value)) return std::to_string(*number);
  if (const auto* number = std::get_if<double>(&field.value)) return fmt::format("{}", *number);
  return std::get<bool>(field.value) ? "true" : "false";
}

std::string JsonString(std::string_view text) {
  std::string out = "\"";
  for (const char c : ReplaceInvalidUtf8(text)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7F) {
      out += fmt::format("\\u{:04x}", byte);
    } else {
      out += c;
    }
  }
  return EscapeControlsInJson(out + "\"");
}

std::string JsonValue(const LogField& field) {
  const bool bare = !std::holds_alternative<std::string_view>(field.value) && !NamesASecret(field.name);
  if (const auto* number = std::get_if<double>(&field.value); bare && number != nullptr)
    return std::isfinite(*number) ? fmt::format("{}", *number) : "null";
  return bare ? ValueText(field) : JsonString(ValueText(field));
}

bool NeedsQuotes(std::string_view text) { return text.empty() || text.find_first_of(" =\"") != std::string_view::npos; }

struct Style {
  std::string_view name;
  std::string_view color;
};

Style StyleOf(LogLevel level) {
  switch (level) {
    case LogLevel::kTrace:
      return {"trace", "\x1b[2m"};
    case LogLevel::kDebug:
      return {"debug", "\x1b[2m"};
    case LogLevel::kInfo:
      return {"info", "\x1b[32m"};
    case LogLevel::kWarning:
      return {"warning", "\x1b[33m"};
    case LogLevel::kError:
      return {"error", "\x1b[31m"};
  }
  return {"info", ""};
}

}  // namespace

std::string_view LogLevelName(LogLevel level) { return StyleOf(level).name; }

Result<LogLevel> ParseLogLevel(std::string_view text) {
  for (const LogLevel level :
       {LogLevel::kTrace, LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning, LogLevel::kError}) {
    if (LogLevelName(level) == text) return level;
  }
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("'{}' is no log level (trace, debug, info, warning, error)", text));
}

std::string FormatHumanLine(Timestamp time, LogLevel level, std::string_view message, std::span<const LogField> fields,
                            bool color) {
  const std::string stamp = FormatTimestamp(std::chrono::floor<std::chrono::milliseconds>(time));
  const Style style = StyleOf(level);
  // "2026-11-23T05:50:00.123Z": the time of day is enough on a terminal.
  std::string line = stamp.substr(11, 8);
  line += color ? fmt::format(" {}{:<7}\x1b[0m ", style.color, style.name) : fmt::format(" {:<7} ", style.name);
  line += EscapeForTerminal(RedactUrls(message));
  for (const LogField& field : fields) {
    const std::string value = EscapeForTerminal(ValueText(field));
    const std::string name = EscapeForTerminal(field.name);
    line += color ? fmt::format("  \x1b[2m{}=\x1b[0m", name) : fmt::format("  {}=", name);
    if (NeedsQuotes(value)) {
      std::string quoted = "\"";
      for (const char c : value) {
        if (c == '"') quoted += '\\';
        quoted += c;
      }
      line += quoted + "\"";
    } else {
      line += value;
    }
  }
  return line;
}

std::string FormatJsonLine(Timestamp time, LogLevel level, std::string_view message, std::span<const LogField> fields) {
  std::string line = fmt::format(R"({{"time":"{}","level":"{}","message":{})", FormatTimestamp(time),
                                 LogLevelName(level), JsonString(RedactUrls(message)));
  // A name may come twice, once from the line and once from what surrounds it: the line's own counts, since
  // readers of JSON differ in which of two equal names they take.
  std::set<std::string_view> seen{"time", "level", "message"};
  for (const LogField& field : fields) {
    if (seen.insert(field.name).second) line += fmt::format(",{}:{}", JsonString(field.name), JsonValue(field));
  }
  return line + "}";
}

}  // namespace seshat::logging
