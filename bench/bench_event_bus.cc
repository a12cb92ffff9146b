// How fast the SQLite event bus is, beside a queue in SQLite that commits for each message.
//
//   bench_event_bus [--rounds N] [--events N] [--dir DIR]
//
// Throughput: 16 producers publish one event at a time, 4 consumers receive and acknowledge; from the first
// publish to the last acknowledge. The peer runs in the same round, on the same disk, with the same durability
// (WAL, synchronous=FULL) and the same promises (claim under a lease, then acknowledge), with one commit for
// each publish, claim and acknowledge, through one connection behind a mutex, so that it never waits for a lock.
// Latency: from before Publish to the handler's first line, the consumer in this process or in another one.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "adapters/sqlite_event_bus/sqlite_event_bus.h"
#include "adapters/system/system_clock.h"
#include "bench_process.h"
#include "platform/posix/unique_fd.h"
#include "platform/sqlite/database.h"
#include "support/temp_dir.h"

namespace seshat {
namespace {

using Steady = std::chrono::steady_clock;
using std::chrono::milliseconds;
constexpr int kProducers = 16;
constexpr int kConsumers = 4;
constexpr const char* kSub = "bench";

struct Settings {
  int rounds = 7;
  int events = 8000;
  std::string dir = ".";
};

[[noreturn]] void Die(const std::string& why) {
  std::cerr << "bench_event_bus: " << why << "\n";
  std::exit(1);
}

template <typename T>
T Must(Result<T> result) {
  if (!result) Die(result.error().ToString());
  if constexpr (!std::is_void_v<T>) return std::move(result).value();
}

Event MakeEvent(int number) {
  Event e;
  e.id = fmt::format("{:032x}", number);
  e.type = SessionMigrated::kType;
  e.source = "seshat/agent/bench";
  e.subject = "session-2026-11-23-0001";
  e.time = std::chrono::system_clock::now();
  e.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  e.data = R"({"session_id":"session-2026-11-23-0001","revision":1,"manifest_key":")"
           R"(session-2026-11-23-0001/manifests/000001.json","manifest_sha256":")" +
           std::string(64, 'a') + R"(","source":"bench"})";
  return e;
}

// Runs producers and consumers until `events` are acknowledged; answers events per second. `consume` answers
// how many it has finished with.
double Drive(int events, const std::function<void(int)>& publish, const std::function<int()>& consume) {
  std::atomic<int> next{0};
  std::atomic<int> done{0};
  const auto start = Steady::now();
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kProducers; ++i)
      threads.emplace_back([&] {
        for (int n = next++; n < events; n = next++) publish(n);
      });
    for (int i = 0; i < kConsumers; ++i)
      threads.emplace_back([&] {
        while (done < events) done += consume();
      });
  }
  return events / std::chrono::duration<double>(Steady::now() - start).count();
}

double OurThroughput(const Settings& settings, const std::filesystem::path& file) {
  const auto clock = system::MakeSystemClock();
  const auto bus = Must(sqlite_event_bus::MakeSqliteEventBus({.path = file}, *clock));
  Must(bus->EnsureSubscription({.name = kSub}));
  return Drive(
      settings.events,
      [&](int n) {
        const Event e = MakeEvent(n);
        Must(bus->Publish({&e, 1}));
      },
      [&] {
        const auto got = Must(bus->Receive(kSub, {.max_events = 10, .wait = milliseconds(20)}, {}));
        std::vector<std::string> handles;
        for (const auto& d : got) handles.push_back(d.handle);
        if (!handles.empty()) Must(bus->Acknowledge(kSub, handles));
        return static_cast<int>(handles.size());
      });
}

double PeerThroughput(const Settings& settings, const std::filesystem::path& file) {
  const auto db = Must(sqlite::Database::Open(file, {}));
  Must(
      db->Execute("CREATE TABLE job (id INTEGER PRIMARY KEY, state INTEGER NOT NULL, lease INTEGER NOT NULL, "
                  "payload TEXT NOT NULL) STRICT; CREATE INDEX ready ON job (id) WHERE state = 0"));
  std::mutex mutex;
  const auto run = [&](std::string_view sql, const auto& bind) {
    const std::lock_guard lock(mutex);
    auto q = Must(db->Prepare(sql));
    bind(q);
    int64_t answer = 0;
    while (Must(q.Step())) answer = q.Int(0);
    return answer;
  };
  const int events = std::max(200, settings.events / 20);
  return Drive(
      events,
      [&](int n) {
        run("INSERT INTO job (state, lease, payload) VALUES (0, 0, ?)",
            [&](sqlite::Statement& q) { q.Bind(records::EncodeEvent(MakeEvent(n))); });
      },
      [&] {
        const int64_t id =
            run("UPDATE job SET state = 1, lease = ? WHERE id = (SELECT id FROM job WHERE state = 0 ORDER BY id LIMIT "
                "1) RETURNING id, payload",
                [](sqlite::Statement& q) { q.Bind(int64_t{1}); });
        if (id == 0) {
          std::this_thread::yield();
          return 0;
        }
        run("DELETE FROM job WHERE id = ?", [&](sqlite::Statement& q) { q.Bind(id); });
        return 1;
      });
}

struct Latency {
  double p50_ms = 0;
  double p99_ms = 0;
};

Latency Quantiles(std::vector<double> ms) {
  std::ranges::sort(ms);
  return {ms[ms.size() / 2], ms[ms.size() * 99 / 100]};
}

struct Shared {
  std::atomic<int64_t> started_at_ns;  // by the handler; 0: not yet
  std::atomic<bool> stop;
};

int64_t NowNs() { return Steady::now().time_since_epoch().count(); }

// The handler notes when it starts with an event, then acknowledges it.
void Handle(const std::filesystem::path& file, Shared& shared) {
  const auto clock = system::MakeSystemClock();
  const auto bus = Must(sqlite_event_bus::MakeSqliteEventBus({.path = file}, *clock));
  Must(bus->EnsureSubscription({.name = kSub}));
  while (!shared.stop) {
    const auto got = Must(bus->Receive(kSub, {.wait = milliseconds(200)}, {}));
    if (got.empty()) continue;
    shared.started_at_ns = NowNs();
    Must(bus->Acknowledge(kSub, std::vector<std::string>{got.front().handle}));
  }
}

Latency Measure(int events, EventBus& bus, Shared& shared) {
  std::vector<double> ms;
  for (int i = 0; i < events; ++i) {
    std::this_thread::sleep_for(milliseconds(2));  // the handler is back in its Receive
    shared.started_at_ns = 0;
    const Event e = MakeEvent(i);
    const int64_t start = NowNs();
    Must(bus.Publish({&e, 1}));
    while (shared.started_at_ns == 0) std::this_thread::sleep_for(std::chrono::microseconds(50));
    ms.push_back(static_cast<double>(shared.started_at_ns - start) / 1e6);
  }
  shared.stop = true;
  return Quantiles(std::move(ms));
}

Latency LatencyInProcess(int events, const std::filesystem::path& file) {
  const auto clock = system::MakeSystemClock();
  const auto bus = Must(sqlite_event_bus::MakeSqliteEventBus({.path = file}, *clock));
  Must(bus->EnsureSubscription({.name = kSub}));
  Shared shared{};
  const std::jthread handler([&] {
    while (!shared.stop) {
      const auto got = Must(bus->Receive(kSub, {.wait = milliseconds(200)}, {}));
      if (got.empty()) continue;
      shared.started_at_ns = NowNs();
      Must(bus->Acknowledge(kSub, std::vector<std::string>{got.front().handle}));
    }
  });
  return Measure(events, *bus, shared);
}

Latency LatencyAcrossProcesses(int events, const std::filesystem::path& file) {
  void* memory = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) Die("no shared memory");
  auto* shared = new (memory) Shared{};
  const pid_t child = ::fork();
  if (child == 0) {
    Handle(file, *shared);
    ::_exit(0);
  }
  const auto clock = system::MakeSystemClock();
  const auto bus = Must(sqlite_event_bus::MakeSqliteEventBus({.path = file}, *clock));
  Must(bus->EnsureSubscription({.name = kSub}));
  const Latency latency = Measure(events, *bus, *shared);
  ::waitpid(child, nullptr, 0);
  ::munmap(memory, 4096);
  return latency;
}

// The least that durable delivery can cost here: appending 4 KiB and waiting for the disk.
Latency FloorLatency(int writes, const std::filesystem::path& file) {
  const posix::UniqueFd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  const std::string page(4096, 'x');
  std::vector<double> ms;
  for (int i = 0; i < writes; ++i) {
    std::this_thread::sleep_for(milliseconds(2));
    const int64_t start = NowNs();
    if (::write(fd.get(), page.data(), page.size()) != 4096 || ::fdatasync(fd.get()) != 0) Die("cannot write");
    ms.push_back(static_cast<double>(NowNs() - start) / 1e6);
  }
  return Quantiles(std::move(ms));
}

Settings Parse(int argc, char** argv) {
  Settings s;
  for (int i = 1; i < argc; ++i) {
    const std::string_view flag = argv[i];
    if (i + 1 < argc && flag == "--rounds") {
      s.rounds = std::max(1, std::atoi(argv[++i]));
    } else if (i + 1 < argc && flag == "--events") {
      s.events = std::max(100, std::atoi(argv[++i]));
    } else if (i + 1 < argc && flag == "--dir") {
      s.dir = argv[++i];
    } else {
      std::cerr << "usage: bench_event_bus [--rounds N] [--events N] [--dir DIR]\n";
      std::exit(2);
    }
  }
  return s;
}

struct Report {
  bench::Comparison throughput;
  Latency inside;
  Latency across;
  Latency floor;
};

Report Run(const Settings& settings) {
  ::setenv("TMPDIR", settings.dir.c_str(), 1);  // the disk to measure
  const testing::TempDir dir;
  Report report;
  report.across = LatencyAcrossProcesses(2000, dir / "across.db");  // forks: before any thread
  report.inside = LatencyInProcess(2000, dir / "inside.db");
  report.floor = FloorLatency(2000, dir / "floor");
  for (int round = 0; round < settings.rounds; ++round) {
    const std::string name = std::to_string(round);
    const double ours = OurThroughput(settings, dir / ("ours" + name + ".db"));
    report.throughput.Add(ours, PeerThroughput(settings, dir / ("peer" + name + ".db")));
  }
  return report;
}

void Print(const Report& r) {
  r.throughput.PrintRow("events published, delivered and acknowledged", "/s", "≥ 10",
                        fmt::format("{} producers, {} consumers; beside one commit for each step of each message",
                                    kProducers, kConsumers));
  const auto row = [](std::string_view name, const Latency& l, const Latency& floor) {
    fmt::print(
        "| {} | p50 {:.2f} ms, p99 {:.2f} ms | p50 {:.2f} ms, p99 {:.2f} ms | {:.2f}, {:.2f} | ≤ 1 ms, ≤ 3 ms "
        "| beside appending 4 KiB and fdatasync |\n",
        name, l.p50_ms, l.p99_ms, floor.p50_ms, floor.p99_ms, l.p50_ms / floor.p50_ms, l.p99_ms / floor.p99_ms);
  };
  row("event published → handler starts, one process", r.inside, r.floor);
  row("event published → handler starts, two processes", r.across, r.floor);
}

}  // namespace
}  // namespace seshat

int main(int argc, char** argv) {
  const auto settings = seshat::Parse(argc, argv);
  const auto report = seshat::Run(settings);
  seshat::Print(report);
  return 0;
}
