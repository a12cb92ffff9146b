#include "adapters/logging/logging.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <mutex>

namespace seshat::logging {
namespace {

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kTrace:
      return spdlog::level::trace;
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

// spdlog's own file sinks own their file; this one writes to one that is there.
class FileSink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit FileSink(FILE* file) : file_(file) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    line_.assign(message.payload.data(), message.payload.size());
    line_ += '\n';
    // What cannot be logged cannot be logged: the work goes on.
    (void)std::fwrite(line_.data(), 1, line_.size(), file_);
    flush_();
  }
  void flush_() override { (void)std::fflush(file_); }

 private:
  FILE* file_;
  std::string line_;
};

class LineLogger : public Logger {
 public:
  LineLogger(const LoggingOptions& options, const Clock& clock)
      : clock_(clock), logger_("seshat", std::make_shared<FileSink>(options.file)) {
    const bool terminal = isatty(fileno(options.file)) == 1;
    human_ = options.format == LogFormat::kHuman || (options.format == LogFormat::kAuto && terminal);
    color_ = options.color && terminal;
    logger_.set_level(ToSpdlog(options.level));
  }

  bool Enabled(LogLevel level) const override { return logger_.should_log(ToSpdlog(level)); }

  void Log(LogLevel level, std::string_view message, std::span<const LogField> fields) override {
    if (!Enabled(level)) return;
    const Timestamp now = clock_.Now();
    const std::string line =
        human_ ? FormatHumanLine(now, level, message, fields, color_) : FormatJsonLine(now, level, message, fields);
    logger_.log(ToSpdlog(level), spdlog::string_view_t(line));
  }

 private:
  const Clock& clock_;
  spdlog::logger logger_;
  bool human_ = false;
  bool color_ = false;
};

}  // namespace

std::unique_ptr<Logger> MakeLogger(const LoggingOptions& options, const Clock& clock) {
  return std::make_unique<LineLogger>(options, clock);
}

}  // namespace seshat::logging
