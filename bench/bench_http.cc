// Small PUTs over loopback: our HTTP client, by itself and as AWS adapters use it (signed, with retries, metrics and
// logging), against bare sockets. The server is pinned to one core, the client to the other.
//
//   bench_http                                     one row for each size and client
//   bench_http --client KIND SIZE COUNT CONNECTIONS PORT     what it runs: KIND is floor, wire or aws
//   bench_http --sink                              the server alone, for a profiler's sake; prints its port
#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>

#include "adapters/prometheus/prometheus_metrics.h"
#include "adapters/system/system_clock.h"
#include "bench_process.h"
#include "http_sink.h"
#include "platform/aws/service.h"
#include "platform/http/client.h"
#include "support/fakes.h"

namespace seshat::bench {
namespace {

constexpr int kRounds = 7;

void PinTo(unsigned core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  // On a machine with one core both share it, and the rows say little.
  [[maybe_unused]] const int pinned = ::sched_setaffinity(0, sizeof set, &set);
}

bool RunClient(http::Client& client, uint16_t port, int count, size_t size, int connections) {
  const std::string body(size, 'x');
  int started = 0;
  int failed = 0;
  std::function<void()> next = [&] {
    if (started == count) return;
    ++started;
    http::Request request;
    request.method = "PUT";
    request.origin = {false, "127.0.0.1", port};
    request.path = fmt::format("/bucket/session/raw/sensor-{:06}.bin", started);
    request.headers = {{"if-none-match", "*"},
                       {"x-amz-checksum-crc64nvme", "AAAAAAAAAAA="},
                       {"x-amz-content-sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
                       {"x-amz-storage-class", "GLACIER_IR"}};
    request.body = http::Body::Borrowed(AsBytes(body));
    request.operation = "s3:PutObject";
    client.Start(std::move(request), [&](const http::Outcome& outcome) {
      if (!outcome.response || outcome.response->status != 200) ++failed;
      next();
    });
  };
  for (int i = 0; i < connections; ++i) next();
  while (client.in_flight() > 0) client.Poll(std::chrono::seconds(10));
  return failed == 0 && started == count;
}

int Client(const std::string& kind, size_t size, int count, int connections, uint16_t port) {
  PinTo(0);
  if (kind == "floor") return RunFloor(port, count, size, connections) ? 0 : 1;
  if (kind == "wire") {
    const auto client = http::MakeClient({});
    return client && RunClient(**client, port, count, size, connections) ? 0 : 1;
  }
  const auto clock = system::MakeSystemClock();
  const auto random = system::MakeSystemRandom();
  const auto metrics = prometheus::MakePrometheusMetrics();
  aws::ServiceOptions options;
  options.service = "s3";
  options.region = "eu-central-1";
  options.credentials = aws::MakeStaticCredentials(
      {{"AKIDEXAMPLE", Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), Secret()}, std::nullopt, "bench"});
  options.clock = clock.get();
  options.random = random.get();
  options.metrics = metrics.get();
  const auto service = aws::MakeService(std::move(options));
  if (!service) return 1;
  const auto client = (*service)->MakeClient();
  return client && RunClient(**client, port, count, size, connections) ? 0 : 1;
}

int Sink() {
  uint16_t port = 0;
  const auto listener = ListenOnLoopback(port);
  if (!listener) return 1;
  fmt::print("{}\n", port);
  std::fflush(stdout);
  PinTo(1);
  ServeSink(listener->get());
  return 0;
}

int Compare(const std::string& self) {
  uint16_t port = 0;
  const auto listener = ListenOnLoopback(port);
  if (!listener) return 1;
  const pid_t sink = ::fork();
  if (sink == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    PinTo(1);
    ServeSink(listener->get());
    ::_exit(0);
  }
  bool ok = sink > 0;
  for (const auto& [size, count] : {std::pair{4 << 10, 100'000}, std::pair{100 << 10, 50'000}}) {
    for (const std::string kind : {"wire", "aws"}) {
      const auto run = [&](const std::string& client) {
        const ChildCost cost = RunChild(
            {self, "--client", client, std::to_string(size), std::to_string(count), "16", std::to_string(port)});
        ok = ok && cost.ok;
        return cost;
      };
      Comparison rate;
      Comparison cpu;
      double peak = 0;
      for (int round = 0; round < kRounds; ++round) {
        ChildCost floor;
        if (round % 2 == 0) floor = run("floor");
        const ChildCost ours = run(kind);
        if (round % 2 != 0) floor = run("floor");
        rate.Add(count / ours.seconds / 1000, count / floor.seconds / 1000);
        cpu.Add(1e6 * ours.cpu_seconds / count, 1e6 * floor.cpu_seconds / count);
        peak = std::max(peak, ours.peak_mib);
      }
      const std::string name =
          fmt::format("PUT {} KiB, {}", size >> 10, kind == "aws" ? "signed, retries, metrics" : "HTTP client");
      rate.PrintRow(name, "k/s", "≥ 0.75 of bare sockets", fmt::format("peak {:.0f} MiB", peak));
      cpu.PrintRow(name + ", CPU", "µs each", "", "");
    }
  }
  if (sink > 0) ::kill(sink, SIGKILL);
  return ok ? 0 : 1;
}

}  // namespace
}  // namespace seshat::bench

int main(int argc, char** argv) {
  using namespace seshat::bench;  // NOLINT(google-build-using-namespace)
  if (argc == 7 && std::string(argv[1]) == "--client")
    return Client(argv[2], std::strtoul(argv[3], nullptr, 10), std::atoi(argv[4]), std::atoi(argv[5]),
                  static_cast<uint16_t>(std::atoi(argv[6])));
  if (argc == 2 && std::string(argv[1]) == "--sink") return Sink();
  return Compare("/proc/self/exe");
}
