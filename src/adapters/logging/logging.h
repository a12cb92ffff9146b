// Log lines on stderr: for people on a terminal, one JSON object a line otherwise.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "ports/clock.h"
#include "ports/logger.h"

namespace seshat::logging {

enum class LogFormat { kAuto, kHuman, kJson };

struct LoggingOptions {
  LogLevel level = LogLevel::kInfo;
  LogFormat format = LogFormat::kAuto;  // kAuto: kHuman where `file` is a terminal
  bool color = true;                    // kHuman only, and only on a terminal
  FILE* file = stderr;                  // must outlive the logger
};

// Every line is written whole and flushed; lines of several threads do not mix. Field values that could forge a
// line or drive a terminal are escaped; JSON is always valid UTF-8. A field whose name says that it is a secret
// ("password", "token", …) and the user part of any URL are shown as [redacted]: the second line of defence
// behind core/base/secret.h. `clock` must outlive the logger.
std::unique_ptr<Logger> MakeLogger(const LoggingOptions& options, const Clock& clock);

// The formats by themselves, without a line's end.
std::string FormatHumanLine(Timestamp time, LogLevel level, std::string_view message, std::span<const LogField> fields,
                            bool color);
std::string FormatJsonLine(Timestamp time, LogLevel level, std::string_view message, std::span<const LogField> fields);

std::string_view LogLevelName(LogLevel level);  // "info"
Result<LogLevel> ParseLogLevel(std::string_view text);

}  // namespace seshat::logging
