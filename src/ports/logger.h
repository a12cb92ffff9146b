// Logger: one line per thing that happened, with named fields. Adapters: adapters/logging (people or JSON
// lines). Thread-safe. Values are escaped by the adapter; secrets never reach a logger (their type has no
// text).
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace seshat {

class Span;

enum class LogLevel { kTrace, kDebug, kInfo, kWarning, kError };

struct LogField {
  std::string_view name;  // snake_case; "session", "path", "error" mean the same everywhere
  std::variant<std::string_view, int64_t, double, bool> value;

  LogField(std::string_view n, std::string_view v) : name(n), value(v) {}
  LogField(std::string_view n, const char* v) : name(n), value(std::string_view(v)) {}
  LogField(std::string_view n, const std::string& v) : name(n), value(std::string_view(v)) {}
  LogField(std::string_view n, bool v) : name(n), value(v) {}
  LogField(std::string_view n, double v) : name(n), value(v) {}
  template <std::integral T>
  LogField(std::string_view n, T v) : name(n), value(static_cast<int64_t>(v)) {}
};

class Logger {
 public:
  virtual ~Logger() = default;
  virtual bool Enabled(LogLevel level) const = 0;
  virtual void Log(LogLevel level, std::string_view message, std::span<const LogField> fields) = 0;

  void Debug(std::string_view message, std::initializer_list<LogField> fields = {}) {
    Write(LogLevel::kDebug, message, fields);
  }
  void Info(std::string_view message, std::initializer_list<LogField> fields = {}) {
    Write(LogLevel::kInfo, message, fields);
  }
  void Warning(std::string_view message, std::initializer_list<LogField> fields = {}) {
    Write(LogLevel::kWarning, message, fields);
  }
  void LogError(std::string_view message, std::initializer_list<LogField> fields = {}) {
    Write(LogLevel::kError, message, fields);
  }

  // The same, and the line says to which span it belongs: a last field `traceparent`, which holds the ids of its trace
  // and of itself. A span that is none adds nothing.
  void Debug(std::string_view message, const Span& span, std::initializer_list<LogField> fields = {}) {
    Write(LogLevel::kDebug, message, span, fields);
  }
  void Info(std::string_view message, const Span& span, std::initializer_list<LogField> fields = {}) {
    Write(LogLevel::kInfo, message, span, fields);
  }
  void Warning(std::string_view message, const Span& span, std::initializer_list<LogField> fields = {}) {
    Write(LogLevel::kWarning, message, span, fields);
  }
  void LogError(std::string_view message, const Span& span, std::initializer_list<LogField> fields = {}) {
    Write(LogLevel::kError, message, span, fields);
  }

 private:
  void Write(LogLevel level, std::string_view message, const Span& span, std::initializer_list<LogField> fields);
  void Write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
    if (Enabled(level)) Log(level, message, std::span(fields.begin(), fields.size()));
  }
};

// Adds the same fields to every line: one session's work gets its session everywhere.
class FieldLogger : public Logger {
 public:
  FieldLogger(Logger& inner, std::vector<std::pair<std::string, std::string>> fields)
      : inner_(inner), fields_(std::move(fields)) {}
  bool Enabled(LogLevel level) const override { return inner_.Enabled(level); }
  void Log(LogLevel level, std::string_view message, std::span<const LogField> fields) override;

 private:
  Logger& inner_;
  std::vector<std::pair<std::string, std::string>> fields_;
};

}  // namespace seshat
