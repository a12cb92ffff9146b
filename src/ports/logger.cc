#include "ports/logger.h"

namespace seshat {

void FieldLogger::Log(LogLevel level, std::string_view message, std::span<const LogField> fields) {
  std::vector<LogField> all(fields.begin(), fields.end());
  for (const auto& [name, value] : fields_) all.emplace_back(name, std::string_view(value));
  inner_.Log(level, message, all);
}

}  // namespace seshat
