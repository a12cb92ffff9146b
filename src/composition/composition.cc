#include "composition/composition.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <ctime>

#include "adapters/logging/logging.h"
#include "adapters/none/no_tracer.h"
#include "adapters/posix_source/posix_source.h"
#include "adapters/prometheus/prometheus_metrics.h"
#include "adapters/system/system_clock.h"
#include "composition/directories.h"
#include "platform/posix/find_program.h"
#include "services/indexing/indexing_service.h"
#include "services/processing/processing_service.h"

namespace seshat::composition {
namespace {

// The directory of the running program: what was built or installed together lies together.
std::filesystem::path OwnDirectory() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
}

// A program's absolute path: as it is, beside seshat, or from the PATH. Empty where there is none.
std::filesystem::path FindProgram(const std::string& name) {
  if (name.find('/') != std::string::npos) return std::filesystem::absolute(name).lexically_normal();
  if (const auto beside = OwnDirectory() / name; ::access(beside.c_str(), X_OK) == 0) return beside;
  const char* path = std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe): nobody sets variables
  return posix::FindOnPath(name, path == nullptr ? "" : path);
}

constexpr std::string_view kStatisticsProgram = "seshat-statistics";

processing::ProcessorSpec BuiltInStatistics(const std::filesystem::path& program) {
  processing::ProcessorSpec spec;
  spec.name = "statistics";
  spec.version = "1";
  spec.command = {program.string(), "{input}", "{output}"};
  // A WFDB signal file means nothing without the header beside it.
  spec.with_siblings = {PathGlob("*.hea")};
  return spec;
}

// Refused ones are found by processing::CheckProcessorSpecs.
std::vector<PathGlob> GlobsOf(const Config& config, const std::string& setting) {
  const auto& patterns = config.Texts(setting);
  return {patterns.begin(), patterns.end()};
}

Result<processing::ProcessorSpec> ProcessorOf(const Config& config, const std::string& name) {
  const std::string prefix = fmt::format("processors.{}.", name);
  processing::ProcessorSpec spec;
  spec.name = name;
  spec.version = config.Text(prefix + "version");
  spec.patterns = GlobsOf(config, prefix + "match");
  spec.include_metadata = config.Switch(prefix + "include_metadata");
  spec.command = config.Texts(prefix + "command");
  if (spec.command.empty())
    return Fail(ErrorCode::kInvalidArgument, prefix + "command is empty: it must name a program");
  const auto program = FindProgram(spec.command.front());
  if (program.empty())
    return Fail(
        ErrorCode::kInvalidArgument,
        fmt::format("{}command: there is no program '{}' beside seshat or in the PATH", prefix, spec.command.front()));
  spec.command.front() = program.string();
  spec.with_siblings = GlobsOf(config, prefix + "siblings");
  for (const std::string& path : config.Texts(prefix + "read_only")) spec.read_only_paths.emplace_back(path);
  spec.timeout = config.Duration(prefix + "timeout");
  spec.memory_bytes = config.Number(prefix + "memory");
  spec.output_bytes = config.Number(prefix + "output");
  spec.max_attempts = static_cast<uint32_t>(config.Number(prefix + "max_attempts"));
  return spec;
}

Result<migration::SourceSpec> SourceOf(const Config& config, const std::string& name) {
  const std::string prefix = fmt::format("sources.{}.", name);
  migration::SourceSpec spec;
  spec.name = name;
  spec.path = config.Text(prefix + "path");
  spec.layout = config.Text(prefix + "layout") == "flat" ? migration::Layout::kFlat : migration::Layout::kDirectories;
  spec.flat_pattern = config.Text(prefix + "pattern");
  spec.ignore = config.Texts(prefix + "ignore");
  spec.metadata_files = config.Texts(prefix + "metadata_files");
  spec.complete.quiet = config.Duration(prefix + "complete.quiet");
  spec.complete.marker = config.Text(prefix + "complete.marker");
  spec.complete.expected = config.Texts(prefix + "complete.expected");
  spec.complete.expected_list = config.Text(prefix + "complete.expected_list");
  spec.complete.metadata = config.Switch(prefix + "complete.metadata");
  spec.schedule.interval = config.Duration(prefix + "schedule.interval");
  spec.schedule.cron = config.Text(prefix + "schedule.cron");
  for (const std::string& text : config.Texts(prefix + "schedule.blackout")) {
    auto window = migration::BlackoutWindow::Parse(text);
    if (!window) return std::unexpected(std::move(window.error()).WithContext(prefix + "schedule.blackout"));
    spec.schedule.blackouts.push_back(*window);
  }
  spec.bandwidth_bytes_per_second = config.Number(prefix + "bandwidth");
  if (const auto after = config.DurationOrNever(prefix + "delete.after"))
    spec.delete_after = std::chrono::duration_cast<std::chrono::seconds>(*after);
  if (auto valid = spec.Validate(); !valid)
    return std::unexpected(std::move(valid.error()).WithContext(fmt::format("sources.{}", name)));
  return spec;
}

std::chrono::minutes LocalUtcOffset(Timestamp time) {
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  std::tm local{};
  if (::localtime_r(&seconds, &local) == nullptr) return {};
  return std::chrono::duration_cast<std::chrono::minutes>(std::chrono::seconds(local.tm_gmtoff));
}

}  // namespace

Result<Foundation> MakeFoundation(const Config& config, const LogSink& sink, const Environment& environment) {
  Foundation foundation;
  foundation.clock = system::MakeSystemClock();
  foundation.random = system::MakeSystemRandom();
  logging::LoggingOptions logging;
  SESHAT_ASSIGN(logging.level, logging::ParseLogLevel(config.Text("observability.log_level")));
  const std::string& format = config.Text("observability.log_format");
  logging.format = format == "json"    ? logging::LogFormat::kJson
                   : format == "human" ? logging::LogFormat::kHuman
                                       : logging::LogFormat::kAuto;
  logging.color = sink.color;
  logging.file = sink.file;
  foundation.logger = logging::MakeLogger(logging, *foundation.clock);
  auto metrics = prometheus::MakePrometheusMetrics();
  foundation.metrics_text = [exposed = metrics.get()] { return exposed->Expose(); };
  foundation.metrics = std::move(metrics);
  foundation.tracer = none::MakeNoTracer(*foundation.clock, *foundation.random);
  foundation.aws = std::make_unique<LazyAws>(
      config, environment, AwsParts{*foundation.clock, *foundation.random, *foundation.logger, *foundation.metrics});
  return foundation;
}

Result<std::vector<processing::ProcessorSpec>> ProcessorsOf(const Config& config) {
  std::vector<processing::ProcessorSpec> specs;
  for (const std::string& name : config.Names("processors")) {
    SESHAT_ASSIGN(processing::ProcessorSpec spec, ProcessorOf(config, name));
    specs.push_back(std::move(spec));
  }
  if (specs.empty() && config.Switch("processing.statistics")) {
    if (const auto program = FindProgram(std::string(kStatisticsProgram)); !program.empty())
      specs.push_back(BuiltInStatistics(program));
  }
  SESHAT_TRY(processing::CheckProcessorSpecs(specs));
  return specs;
}

Result<std::vector<migration::Source>> SourcesOf(const Config& config) {
  SESHAT_TRY(CheckDirectories(config));
  std::vector<migration::Source> sources;
  for (const std::string& name : config.Names("sources")) {
    migration::Source source;
    SESHAT_ASSIGN(source.spec, SourceOf(config, name));
    SESHAT_ASSIGN(source.tree,
                  posix_source::MakePosixSource({.root = source.spec.path, .hints = config.Switch("agent.hints")}));
    sources.push_back(std::move(source));
  }
  if (!sources.empty()) return sources;
  return Fail(ErrorCode::kInvalidArgument,
              "there is no source: name one with --source DIR, or in a [sources.NAME] section of seshat.toml");
}

migration::Options MigrationOptionsOf(const Config& config) {
  migration::Options options;
  options.host = HostName(config);
  options.utc_offset = LocalUtcOffset;
  options.heartbeat_interval = config.Duration("agent.heartbeat");
  options.active_sessions = std::max<size_t>(1, config.Number("agent.active_sessions"));
  return options;
}

std::unique_ptr<Clock> MakeClock() { return system::MakeSystemClock(); }

std::vector<std::string> SubscriptionNames(const Config& config) {
  const auto processors = ProcessorsOf(config);
  if (!processors || processors->empty()) return {std::string(indexing::kIndexingSubscription)};
  return {std::string(processing::kProcessingSubscription), std::string(processing::kProcessingFilesSubscription),
          std::string(indexing::kIndexingSubscription)};
}

std::string HostName(const Config& config) {
  if (!config.Text("agent.host").empty()) return config.Text("agent.host");
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "unnamed";
  return name.data();
}

std::filesystem::path StateDirectory(const Config& config) { return config.Text("state_dir"); }

}  // namespace seshat::composition
