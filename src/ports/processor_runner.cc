#include "ports/processor_runner.h"

#include <fmt/format.h>

#include <csignal>
#include <set>

namespace seshat {

std::string RunReport::Describe() const {
  const double seconds = std::chrono::duration<double>(wall).count();
  switch (end) {
    case RunEnd::kExited:
      return fmt::format("exit status {}", exit_status);
    case RunEnd::kSignalled:
      return signal == SIGXFSZ ? "wrote more than it may" : fmt::format("killed by signal {}", signal);
    case RunEnd::kTimedOut:
      return fmt::format("timed out after {:.1f} s", seconds);
    case RunEnd::kOutOfMemory:
      return "ran out of the memory it may use";
  }
  return "unknown end";
}

namespace {

constexpr size_t kMaxNameBytes = 255;

bool IsSegment(std::string_view name) {
  return !name.empty() && name.size() <= kMaxNameBytes && name != "." && name != ".." &&
         name.find('/') == std::string_view::npos && name.find('\0') == std::string_view::npos;
}

Status CheckNames(const ProcessorRun& run) {
  std::set<std::string_view> names{run.input_name};
  if (!IsSegment(run.input_name)) return Fail(ErrorCode::kInvalidArgument, "the input's name is no file name");
  for (const ProcessorSibling& sibling : run.siblings) {
    if (!IsSegment(sibling.name)) return Fail(ErrorCode::kInvalidArgument, "a sibling's name is no file name");
    if (!names.insert(sibling.name).second)
      return Fail(ErrorCode::kInvalidArgument, "two files of a run have one name");
  }
  return {};
}

}  // namespace

Status CheckProcessorRun(const ProcessorRun& run) {
  if (run.command.empty() || !run.command.front().starts_with('/')) {
    return Fail(ErrorCode::kInvalidArgument, "a processor's command begins with the absolute path of its program");
  }
  for (const std::string& argument : run.command) {
    if (argument.find('\0') != std::string::npos)
      return Fail(ErrorCode::kInvalidArgument, "an argument of the processor holds a zero byte");
  }
  SESHAT_TRY(CheckNames(run));
  if (!run.input.is_absolute() || !run.output_directory.is_absolute())
    return Fail(ErrorCode::kInvalidArgument, "the input and the output directory need absolute paths");
  for (const auto& path : run.read_only_paths) {
    if (!path.is_absolute() || path == path.root_path())
      return Fail(ErrorCode::kInvalidArgument, "a read-only path is not absolute, or is all of the machine");
  }
  if (run.timeout.count() <= 0 || run.memory_bytes == 0)
    return Fail(ErrorCode::kInvalidArgument, "a run needs a time and a memory limit above zero");
  return {};
}

std::string ExpandArgument(std::string_view argument, std::string_view input, std::string_view output) {
  constexpr std::string_view kInput = "{input}";
  constexpr std::string_view kOutput = "{output}";
  std::string expanded;
  while (!argument.empty()) {
    if (argument.starts_with(kInput)) {
      expanded += input;
      argument.remove_prefix(kInput.size());
    } else if (argument.starts_with(kOutput)) {
      expanded += output;
      argument.remove_prefix(kOutput.size());
    } else {
      expanded += argument.front();
      argument.remove_prefix(1);
    }
  }
  return expanded;
}

}  // namespace seshat
