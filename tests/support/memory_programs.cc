#include "support/memory_programs.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <charconv>
#include <condition_variable>
#include <cstdlib>
#include <fstream>
#include <mutex>

#include "support/temp_dir.h"

namespace seshat::testing {
namespace {

using conformance::Behaviour;
namespace fs = std::filesystem;

constexpr std::string_view kFolder = "/memory/";

// A lock that is let go when the call ends; or never, as by a process that was left behind.
class HeldLock {
 public:
  HeldLock(const fs::path& path, bool for_ever)
      : fd_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)), for_ever_(for_ever) {
    (void)::flock(fd_, LOCK_EX);
  }
  HeldLock(const HeldLock&) = delete;
  HeldLock& operator=(const HeldLock&) = delete;
  ~HeldLock() {
    if (!for_ever_) ::close(fd_);
  }

 private:
  int fd_;
  bool for_ever_;
};

class Program {
 public:
  Program(const ProcessorRun& run, const MemoryMistakes& mistakes) : run_(run), mistakes_(mistakes) {}

  Result<RunReport> Run(const std::stop_token& stop) {
    const std::string& program = run_.command.front();
    int number = -1;
    if (program.starts_with(kFolder))
      std::from_chars(program.data() + kFolder.size(), program.data() + program.size(), number);
    if (number < 0) return Fail(ErrorCode::kInvalidArgument, "no program at " + program);
    report_.wall = std::chrono::microseconds(1);
    Do(static_cast<Behaviour>(number), stop);
    return report_;
  }

 private:
  fs::path Out(const std::string& name) const { return run_.output_directory / name; }
  std::string Argument(size_t i) const { return i + 1 < run_.command.size() ? run_.command[i + 1] : ""; }

  void Do(Behaviour behaviour, const std::stop_token& stop) {
    switch (behaviour) {
      case Behaviour::kCopy:
        if (mistakes_.forgets_outputs) return;
        WriteFile(Out("copy"), ReadFile(run_.input));
        return WriteFile(Out("folder/copy"), ReadFile(run_.input));
      case Behaviour::kExit:
        report_.exit_status = mistakes_.always_succeeds ? 0 : std::atoi(Argument(0).c_str());
        return;
      case Behaviour::kSignal:
        return Signal(std::atoi(Argument(0).c_str()));
      case Behaviour::kTell:
        return Tell();
      case Behaviour::kListInput:
        return ListInput();
      case Behaviour::kLog:
        return Log(static_cast<size_t>(std::atoi(Argument(0).c_str())));
      case Behaviour::kHang:
        return Hang(stop);
      case Behaviour::kLeaveBehind: {
        const HeldLock lock(Out("lock"), mistakes_.leaves_processes);
        return;
      }
      case Behaviour::kEnvironment:
        return WriteFile(Out("environment"), mistakes_.leaks_environment ? Environment() : "SESHAT_INPUT=x\n");
      case Behaviour::kDescriptors:
        return Descriptors();
      default:
        return;  // what only means something where there is isolation
    }
  }

  void Signal(int number) {
    if (mistakes_.signal_is_a_status) {
      report_.exit_status = 128 + number;
    } else {
      report_.end = RunEnd::kSignalled;
      report_.signal = number;
    }
  }

  void Tell() {
    const std::string input = "/in/" + run_.input_name;
    const std::string output = run_.output_directory.native();
    std::string told;
    for (size_t i = 1; i < run_.command.size(); ++i) {
      told += mistakes_.does_not_expand ? run_.command[i] : ExpandArgument(run_.command[i], input, output);
      told += '\n';
    }
    WriteFile(Out("told"), fmt::format("{}{}\n{}\n{}\n", told, input, output, output));
  }

  void ListInput() {
    std::string name = run_.input_name;
    if (mistakes_.renames_input)
      for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
    std::string names = name + '\0';
    if (!mistakes_.drops_siblings)
      for (const auto& sibling : run_.siblings) names += sibling.name + '\0';
    WriteFile(Out("names"), names);
  }

  void Log(size_t bytes) {
    report_.log_tail = std::string(bytes, 'x') + "END\xff" + "ERR";
    if (mistakes_.keeps_the_head_of_the_log) report_.log_tail.resize(std::min<size_t>(bytes, 4096));
  }

  void Hang(const std::stop_token& stop) {
    const HeldLock lock(Out("lock"), mistakes_.leaves_processes);
    WriteFile(Out("ready"), "");
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock held(mutex);
    never.wait_for(held, stop, run_.timeout, [] { return false; });
    report_.end = RunEnd::kTimedOut;
    report_.wall = run_.timeout;
  }

  static std::string Environment() {
    std::string all;
    for (char** variable = environ; *variable != nullptr; ++variable) all += fmt::format("{}\n", *variable);
    return all;
  }

  void Descriptors() {
    std::string listed = "0\n1\n2\n";
    if (mistakes_.leaks_descriptors) {
      for (const auto& entry : fs::directory_iterator("/proc/self/fd"))
        listed += entry.path().filename().native() + "\n";
    }
    WriteFile(Out("descriptors"), listed);
  }

  const ProcessorRun& run_;
  const MemoryMistakes& mistakes_;
  RunReport report_;
};

}  // namespace

std::vector<std::string> MemoryProgram(Behaviour behaviour, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), fmt::format("{}{}", kFolder, static_cast<int>(behaviour)));
  return arguments;
}

memory_processor_runner::ProcessorFunction MemoryPrograms(MemoryMistakes mistakes) {
  return [mistakes](const ProcessorRun& run, const std::stop_token& stop) { return Program(run, mistakes).Run(stop); };
}

}  // namespace seshat::testing
