#include "support/run_program.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "support/temp_dir.h"

namespace seshat::testing {
namespace {

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

RunningProgram::RunningProgram(const std::vector<std::string>& command, const Variables& environment,
                               const std::filesystem::path& directory)
    : out_(directory / "stdout"), err_(directory / "stderr") {
  std::vector<std::string> words = command;
  std::vector<std::string> variables;
  for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
  const auto argv = Pointers(words);
  const auto envp = Pointers(variables);
  const int in = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int out = ::open(out_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const int err = ::open(err_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  pid_ = ::fork();
  if (pid_ == 0) {
    (void)::dup2(in, 0);
    (void)::dup2(out, 1);
    (void)::dup2(err, 2);
    ::execve(argv.front(), argv.data(), envp.data());
    ::_exit(127);
  }
  for (const int fd : {in, out, err}) ::close(fd);
}

RunningProgram::~RunningProgram() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  (void)::waitpid(pid_, nullptr, 0);
}

void RunningProgram::Signal(int signal) const {
  if (pid_ > 0) ::kill(pid_, signal);
}

std::optional<ProgramResult> RunningProgram::Wait(std::chrono::seconds limit) {
  const int handle = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  pollfd wait{handle, POLLIN, 0};
  const int ready = ::poll(&wait, 1, static_cast<int>(std::chrono::milliseconds(limit).count()));
  ::close(handle);
  if (ready <= 0) return std::nullopt;
  int status = 0;
  (void)::waitpid(pid_, &status, 0);
  pid_ = -1;
  return ProgramResult{WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), Out(), Err()};
}

std::string RunningProgram::Out() const { return ReadFile(out_); }
std::string RunningProgram::Err() const { return ReadFile(err_); }

ProgramResult RunProgram(const std::vector<std::string>& command, const Variables& environment) {
  const TempDir directory;
  RunningProgram program(command, environment, directory.path());
  auto result = program.Wait(std::chrono::seconds(120));
  return result ? *result : ProgramResult{-1, program.Out(), program.Err() + "\n(killed after two minutes)"};
}

}  // namespace seshat::testing
