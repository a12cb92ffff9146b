#include "adapters/sns_sqs/moto_with_clock.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>

#include "adapters/system/system_clock.h"

namespace seshat::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

int FreePort() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  const bool bound = ::bind(fd, generic, size) == 0 && ::getsockname(fd, generic, &size) == 0;
  ::close(fd);
  return bound ? ntohs(address.sin_port) : 0;
}

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

MotoWithClock::MotoWithClock(const std::string& python) : clock_(system::MakeSystemClock()) {
  WriteOffset();
  const Variables environment{
      {"PATH", Variable("PATH")}, {"HOME", directory_.path().string()}, {"TMPDIR", directory_.path().string()}};
  for (int attempt = 0; attempt < 3; ++attempt) {  // another process may take the port first
    const int port = FreePort();
    url_ = fmt::format("http://127.0.0.1:{}", port);
    program_ = std::make_unique<RunningProgram>(
        std::vector<std::string>{python, SESHAT_MOTO_WITH_CLOCK, (directory_ / "offset").string(), "-H", "127.0.0.1",
                                 "-p", std::to_string(port)},
        environment, directory_.path());
    for (const auto end = clock_->SteadyNow() + seconds(60); clock_->SteadyNow() < end;) {
      if (Answers()) return;
      if (program_->Wait(seconds(0))) break;
      clock_->SleepFor(milliseconds(50), {});
    }
  }
  fmt::print(stderr, "FAILED: moto does not start:\n{}\n", program_->Err());
  std::exit(1);
}

bool MotoWithClock::Answers() {
  auto client = http::MakeClient({});
  http::Request request;
  request.origin = url().origin;
  request.path = "/moto-api/";
  const auto outcome = http::SendOver(**client, std::move(request));
  return outcome.response && outcome.response->status == 200;
}

void MotoWithClock::WriteOffset() {
  const double seconds_ahead = std::chrono::duration<double>(offset_).count();
  const int fd = ::open((directory_ / "offset").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  const bool written = ::pwrite(fd, &seconds_ahead, sizeof seconds_ahead, 0) == sizeof seconds_ahead;
  ::close(fd);
  if (!written) std::abort();
}

void MotoWithClock::Advance(milliseconds time) {
  offset_ += time;
  WriteOffset();
  // Waiting requests look at the clock once in a real second; a suite case moves it eight times at most while it waits.
  clock_->SleepFor(milliseconds(150), {});
}

std::unique_ptr<http::Sender> MotoWithClock::MakeSender(const std::string& service) {
  aws::ServiceOptions options;
  options.service = service;
  options.region = kRegion;
  aws::Credentials credentials;
  credentials.keys = {"AKIDEXAMPLE", Secret("secret"), Secret()};
  options.credentials = aws::MakeStaticCredentials(std::move(credentials));
  options.clock = clock_.get();
  options.random = &random_;
  return aws::MakeService(std::move(options)).value()->MakeSender();
}

}  // namespace seshat::testing
