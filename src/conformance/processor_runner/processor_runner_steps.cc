#include "conformance/processor_runner/processor_runner_steps.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <utility>

namespace seshat::conformance {

std::optional<std::string> ReadIfThere(const std::filesystem::path& path) {
  const std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

void WriteBytes(const std::filesystem::path& path, std::string_view bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream out(path, std::ios::binary);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  EXPECT_TRUE(out.flush()) << path;
}

RunSteps::RunSteps(ProcessorRunnerHarness& harness, std::string folder)
    : harness_(harness), folder_(harness.directory() / std::move(folder)) {}

ProcessorRun RunSteps::Make(Behaviour behaviour, std::vector<std::string> arguments, std::string_view bytes) {
  WriteBytes(folder_ / "stored-input", bytes);
  std::filesystem::create_directories(folder_ / "out");
  return {.command = harness_.Program(behaviour, std::move(arguments)),
          .input = folder_ / "stored-input",
          .input_name = "input.dat",
          .output_directory = folder_ / "out",
          .timeout = std::chrono::seconds(60)};
}

Result<RunReport> RunSteps::Run(const ProcessorRun& run, std::stop_token stop) {
  return harness_.runner().Run(run, std::move(stop));
}

bool RunSteps::RunWell(const ProcessorRun& run) {
  const auto report = Run(run);
  EXPECT_TRUE(report) << report.error().ToString();
  if (!report) return false;
  EXPECT_TRUE(report->succeeded()) << report->Describe() << ": " << report->log_tail;
  return report->succeeded();
}

std::filesystem::path RunSteps::output(std::string_view name) const { return folder_ / "out" / name; }

std::optional<std::string> RunSteps::Output(std::string_view name) const { return ReadIfThere(output(name)); }

std::string RunSteps::InputBytes() const { return ReadIfThere(folder_ / "stored-input").value_or("gone"); }

bool RunSteps::LockIsFree() const {
  const int fd = ::open(output("lock").c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool free = ::flock(fd, LOCK_EX | LOCK_NB) == 0;
  ::close(fd);
  return free;
}

}  // namespace seshat::conformance
