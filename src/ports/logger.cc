#include "ports/logger.h"

#include "ports/span.h"

namespace seshat {

void Logger::Write(LogLevel level, std::string_view message, const Span& span, std::initializer_list<LogField> fields) {
  if (!Enabled(level)) return;
  std::vector<LogField> all(fields);
  const std::string traceparent = span.traceparent();
  if (!traceparent.empty()) all.emplace_back("traceparent", traceparent);
  Log(level, message, all);
}

void FieldLogger::Log(LogLevel level, std::string_view message, std::span<const LogField> fields) {
  std::vector<LogField> all(fields.begin(), fields.end());
  for (const auto& [name, value] : fields_) all.emplace_back(name, std::string_view(value));
  inner_.Log(level, message, all);
}

}  // namespace seshat
