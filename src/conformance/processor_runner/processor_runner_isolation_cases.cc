// What a program cannot reach.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>

#include "conformance/processor_runner/processor_runner_steps.h"

namespace seshat::conformance {
namespace {

#define SKIP_UNLESS_ISOLATED(h) \
  if (!(h).runner().capabilities().isolated) GTEST_SKIP() << "this adapter isolates nothing"

void InputStaysAsItIs(ProcessorRunnerHarness& h) {
  SKIP_UNLESS_ISOLATED(h);
  RunSteps steps(h);
  if (!steps.RunWell(steps.Make(Behaviour::kSpoilInput, {}, "precious"))) return;
  EXPECT_EQ(steps.InputBytes(), "precious");
}

void OtherFilesAreNotSeen(ProcessorRunnerHarness& h) {
  SKIP_UNLESS_ISOLATED(h);
  const auto secret = h.directory() / "secret";
  WriteBytes(secret, "secret");
  int number = 0;
  for (const std::string& path : {secret.native(), std::string("/etc/passwd"), std::string("/etc/hostname"),
                                  "/proc/" + std::to_string(::getpid()) + "/environ"}) {
    RunSteps steps(h, "run-" + std::to_string(number++));
    if (!steps.RunWell(steps.Make(Behaviour::kRead, {path}))) return;
    EXPECT_EQ(steps.Output("read"), "") << path << " was read";
  }
}

void ReadOnlyPathsAreSeenAndKept(ProcessorRunnerHarness& h) {
  SKIP_UNLESS_ISOLATED(h);
  const auto model = h.directory() / "lab" / "model";
  WriteBytes(model, "weights");
  RunSteps steps(h);
  auto run = steps.Make(Behaviour::kRead, {model.native()});
  run.read_only_paths = {model.parent_path()};
  if (!steps.RunWell(run)) return;
  EXPECT_EQ(steps.Output("read"), "weights");
  RunSteps writer(h, "writer");
  run = writer.Make(Behaviour::kWrite, {model.native()});
  run.read_only_paths = {model.parent_path()};
  if (!writer.RunWell(run)) return;
  EXPECT_EQ(ReadIfThere(model), "weights");
}

void NothingElseCanBeWritten(ProcessorRunnerHarness& h) {
  SKIP_UNLESS_ISOLATED(h);
  const auto target = h.directory() / "target";
  RunSteps steps(h);
  if (!steps.RunWell(steps.Make(Behaviour::kWrite, {target.native()}))) return;
  EXPECT_FALSE(std::filesystem::exists(target));
  EXPECT_EQ(steps.Output("written"), std::nullopt);
}

void NoNetwork(ProcessorRunnerHarness& h) {
  SKIP_UNLESS_ISOLATED(h);
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{.sin_family = AF_INET};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  ASSERT_EQ(::bind(listener, plain, size), 0);
  ASSERT_EQ(::listen(listener, 1), 0);
  ASSERT_EQ(::getsockname(listener, plain, &size), 0);
  RunSteps steps(h);
  (void)steps.RunWell(steps.Make(Behaviour::kConnect, {std::to_string(ntohs(address.sin_port))}));
  EXPECT_EQ(steps.Output("connected"), std::nullopt);
  ::close(listener);
}

void EnvironmentIsClean(ProcessorRunnerHarness& h) {
  ASSERT_EQ(::setenv("SESHAT_SUITE_SECRET", "hush", 1), 0);  // NOLINT(concurrency-mt-unsafe): before any run
  RunSteps steps(h);
  if (!steps.RunWell(steps.Make(Behaviour::kEnvironment))) return;
  const std::string environment = steps.Output("environment").value_or("hush");
  EXPECT_EQ(environment.find("hush"), std::string::npos) << environment;
  EXPECT_NE(environment.find("SESHAT_INPUT="), std::string::npos) << environment;
}

void DescriptorsDoNotLeak(ProcessorRunnerHarness& h) {
  SKIP_UNLESS_ISOLATED(h);
  const int fd = ::open("/dev/null", O_RDONLY);  // NOLINT(android-cloexec-open): that it would leak is the point
  const int high = ::fcntl(fd, F_DUPFD, 50);
  RunSteps steps(h);
  const bool ran = steps.RunWell(steps.Make(Behaviour::kDescriptors));
  ::close(fd);
  ::close(high);
  if (!ran) return;
  const std::string listed = "\n" + steps.Output("descriptors").value_or("");
  EXPECT_NE(listed.find("\n1\n"), std::string::npos) << listed;
  EXPECT_EQ(listed.find("\n" + std::to_string(high) + "\n"), std::string::npos) << listed;
}

void OtherProcessesAreNotSeen(ProcessorRunnerHarness& h) {
  SKIP_UNLESS_ISOLATED(h);
  RunSteps steps(h);
  if (!steps.RunWell(steps.Make(Behaviour::kProcesses))) return;
  const std::string own = ReadIfThere("/proc/self/cmdline").value_or("");
  const std::string seen = steps.Output("processes").value_or(own);
  EXPECT_EQ(seen.find(own), std::string::npos);
}

void NewNamespacesAreRefused(ProcessorRunnerHarness& h) {
  SKIP_UNLESS_ISOLATED(h);
  RunSteps steps(h);
  if (!steps.RunWell(steps.Make(Behaviour::kNamespaces))) return;
  EXPECT_EQ(steps.Output("namespaces"), std::nullopt);
}

constexpr Case<ProcessorRunnerHarness> kCases[] = {
    {"InputStaysAsItIs", InputStaysAsItIs},
    {"OtherFilesAreNotSeen", OtherFilesAreNotSeen},
    {"ReadOnlyPathsAreSeenAndKept", ReadOnlyPathsAreSeenAndKept},
    {"NothingElseCanBeWritten", NothingElseCanBeWritten},
    {"NoNetwork", NoNetwork},
    {"EnvironmentIsClean", EnvironmentIsClean},
    {"DescriptorsDoNotLeak", DescriptorsDoNotLeak},
    {"OtherProcessesAreNotSeen", OtherProcessesAreNotSeen},
    {"NewNamespacesAreRefused", NewNamespacesAreRefused},
};

}  // namespace

std::span<const Case<ProcessorRunnerHarness>> ProcessorRunnerIsolationCases() { return kCases; }

}  // namespace seshat::conformance
