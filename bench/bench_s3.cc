// The S3 store against floors and peers, on an S3 that keeps nothing (s3/emulated_s3.cc): rows 1–4 and 8 of the targets.
//
//   bench_s3 [--full] DIRECTORY
//
// --full: 10,000 × 100 KiB and 2 GiB, seven rounds; otherwise a tenth, three rounds. Programs run in turn, the server on the
// first core, the clients on the last one. Peers take part where these name them: SESHAT_BENCH_S5CMD, SESHAT_BENCH_RCLONE,
// SESHAT_BENCH_AWS. Without TLS a signature takes the SHA-256 of each request's body, for peers too; ours also takes the
// CRC64NVME of each request and, for a large file, the SHA-256 of the whole.
#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include "adapters/http/sender.h"
#include "bench_process.h"

namespace seshat::bench {
namespace {

namespace fs = std::filesystem;

constexpr double kLimit = 3500;  // PUTs per second, a prefix (Amazon S3's "performance guidelines")

void PinTo(int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  ::sched_setaffinity(0, sizeof set, &set);
}

// emulated_s3 on the first core; ends with this object.
class Server {
 public:
  explicit Server(std::vector<std::string> command) {
    int to[2];
    int from[2];
    if (::pipe2(to, O_CLOEXEC) != 0 || ::pipe2(from, O_CLOEXEC) != 0) return;
    child_ = ::fork();
    if (child_ == 0) {
      PinTo(0);
      ::dup2(to[0], STDIN_FILENO);
      ::dup2(from[1], STDOUT_FILENO);
      std::vector<char*> argv;
      for (auto& word : command) argv.push_back(word.data());
      argv.push_back(nullptr);
      ::execv(argv[0], argv.data());
      ::_exit(127);
    }
    ::close(to[0]);
    ::close(from[1]);
    input_ = to[1];
    char c = 0;
    while (::read(from[0], &c, 1) == 1 && c != '\n') port_ += c;
    ::close(from[0]);
  }
  ~Server() {
    ::close(input_);
    ::waitpid(child_, nullptr, 0);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  const std::string& port() const { return port_; }

 private:
  pid_t child_ = -1;
  int input_ = -1;
  std::string port_;
};

struct Program {
  std::string name;
  std::vector<std::string> command;
};

// A row for each other program: the first one is ours.
bool Compare(const std::string& workload, std::string_view unit, double work, int rounds,
             std::string_view target, const std::vector<Program>& programs,
             const std::function<void()>& between) {
  std::vector<std::vector<ChildCost>> costs(programs.size());
  for (int round = 0; round < rounds; ++round) {
    for (size_t i = 0; i < programs.size(); ++i) {
      between();
      costs[i].push_back(RunChild(programs[i].command));
      if (!costs[i].back().ok) {
        fmt::print(stderr, "bench_s3: {} failed at '{}'\n", programs[i].name, workload);
        return false;
      }
    }
  }
  const auto middle = [](const std::vector<ChildCost>& all, double ChildCost::* member) {
    std::vector<double> values;
    for (const ChildCost& cost : all) values.push_back(cost.*member);
    return Median(values);
  };
  for (size_t i = 1; i < programs.size(); ++i) {
    Comparison comparison;
    for (int round = 0; round < rounds; ++round)
      comparison.Add(work / costs[0][round].seconds, work / costs[i][round].seconds);
    comparison.PrintRow(
        fmt::format("{}, beside {}", workload, programs[i].name), unit, target,
        fmt::format("CPU {:.2f} s, {} {:.2f} s; memory {:.0f} MiB, {} {:.0f} MiB",
                    middle(costs[0], &ChildCost::cpu_seconds), programs[i].name,
                    middle(costs[i], &ChildCost::cpu_seconds), middle(costs[0], &ChildCost::peak_mib),
                    programs[i].name, middle(costs[i], &ChildCost::peak_mib)));
  }
  return true;
}

class Bench {
 public:
  Bench(fs::path programs, fs::path scratch, bool full)
      : programs_(std::move(programs)),
        scratch_(std::move(scratch)),
        files_(full ? 10'000 : 1000),
        large_(full ? 2ULL << 30 : 256ULL << 20),
        rounds_(full ? 7 : 3) {}

  int Run() {
    MakeFiles(scratch_ / "small", files_, 100 << 10);
    MakeFiles(scratch_ / "large", 1, large_);
    fs::create_directories(scratch_ / "got");
    PinTo(static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN)) - 1);
    const bool all = UploadSmall() & UploadLarge() & UploadLargeOverTls() & UploadAtALimit() & Fetch();
    return all ? 0 : 1;
  }

 private:
  std::string Path(std::string_view program) const { return (programs_ / program).string(); }
  std::string Of(std::string_view directory) const { return (scratch_ / directory).string(); }

  static void MakeFiles(const fs::path& directory, int count, uint64_t bytes) {
    fs::create_directories(directory);
    std::vector<char> block(std::min<uint64_t>(bytes, 1 << 20));
    uint64_t state = 1;
    for (int i = 0; i < count; ++i) {
      std::ofstream out(directory / fmt::format("{:05}.bin", i), std::ios::binary);
      for (uint64_t done = 0; done < bytes; done += block.size()) {
        for (size_t at = 0; at + 8 <= block.size(); at += 8) {
          state = state * 6364136223846793005U + 1442695040888963407U;
          std::memcpy(&block[at], &state, 8);
        }
        out.write(block.data(), static_cast<std::streamsize>(std::min<uint64_t>(block.size(), bytes - done)));
      }
    }
  }

  // Those that are there, putting `directory`.
  void AddPeers(std::vector<Program>& programs, const std::string& port, const std::string& directory) const {
    const std::string url = "http://127.0.0.1:" + port;
    ::setenv("AWS_ACCESS_KEY_ID", "bench", 1);
    ::setenv("AWS_SECRET_ACCESS_KEY", "bench", 1);
    ::setenv("AWS_REGION", "us-east-1", 1);
    ::unsetenv("AWS_CA_BUNDLE");
    ::setenv("RCLONE_CONFIG_B_TYPE", "s3", 1);
    ::setenv("RCLONE_CONFIG_B_PROVIDER", "Other", 1);
    ::setenv("RCLONE_CONFIG_B_ENV_AUTH", "true", 1);
    ::setenv("RCLONE_CONFIG_B_ENDPOINT", url.c_str(), 1);
    if (const char* s5cmd = std::getenv("SESHAT_BENCH_S5CMD"); s5cmd != nullptr && *s5cmd != '\0')
      programs.push_back(
          {"s5cmd", {s5cmd, "--endpoint-url", url, "cp", directory + "/*", "s3://bench/s5cmd/"}});
    if (const char* rclone = std::getenv("SESHAT_BENCH_RCLONE"); rclone != nullptr && *rclone != '\0')
      programs.push_back({"rclone", {rclone, "copy", "--s3-no-check-bucket", directory, "B:bench/rclone"}});
    if (const char* aws = std::getenv("SESHAT_BENCH_AWS"); aws != nullptr && *aws != '\0')
      programs.push_back({"aws",
                          {aws, "s3", "cp", "--recursive", "--only-show-errors", "--endpoint-url", url,
                           directory, "s3://bench/aws/"}});
  }

  bool UploadSmall() const {
    const Server server({Path("emulated_s3")});
    std::vector<Program> programs = {{"ours", {Path("client_s3"), "put", server.port(), Of("small")}},
                                     {"floor", {Path("floor_s3"), "put", server.port(), Of("small")}}};
    AddPeers(programs, server.port(), Of("small"));
    return Compare(fmt::format("1 upload {} × 100 KiB", files_), "files/s", files_, rounds_,
                   "floor ≥ 0.75, s5cmd ≥ 6", programs, [] {});
  }

  bool UploadLarge() const {
    const Server server({Path("emulated_s3")});
    std::vector<Program> programs = {{"ours", {Path("client_s3"), "put", server.port(), Of("large")}},
                                     {"floor", {Path("floor_s3"), "put", server.port(), Of("large")}}};
    AddPeers(programs, server.port(), Of("large"));
    return Compare(fmt::format("2 upload {} MiB", large_ >> 20), "GB/s", static_cast<double>(large_) / 1e9,
                   rounds_, "s5cmd ≥ 6, memory ≤ 64", programs, [] {});
  }

  bool UploadLargeOverTls() const {
    const std::string both = Of("both.pem");
    const std::string make = fmt::format(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout '{0}.key' -out "
        "'{0}.crt' "
        "-subj /CN=localhost -addext subjectAltName=DNS:localhost -days 2 2>/dev/null && cat '{0}.key' "
        "'{0}.crt' > '{0}'",
        both);
    if (std::system(make.c_str()) != 0) return false;
    const Server server({Path("emulated_s3"), "--certificate", both});
    return Compare(fmt::format("3 upload {} MiB over TLS 1.3", large_ >> 20), "GB/s",
                   static_cast<double>(large_) / 1e9, rounds_, "≥ 0.90",
                   {{"ours", {Path("client_s3"), "put", server.port(), Of("large"), both + ".crt"}},
                    {"OpenSSL loop", {Path("floor_s3"), "put", server.port(), Of("large"), both + ".crt"}}},
                   [] {});
  }

  // 30 ms, 20 MB/s a connection, 3,500 PUT/s, then 503.
  bool UploadAtALimit() const {
    const Server server({Path("emulated_s3"), "--latency-ms", "30", "--bytes-per-second", "20000000",
                         "--puts-per-second", fmt::format("{}", kLimit)});
    Comparison comparison;
    double refused = 0;
    double accepted = 0;
    for (int round = 0; round < rounds_; ++round) {
      const auto before = Counts(server.port());
      const ChildCost cost = RunChild({Path("client_s3"), "put", server.port(), Of("small")});
      if (!cost.ok) return false;
      const auto after = Counts(server.port());
      comparison.Add(files_ / cost.seconds, kLimit);
      accepted += after.first - before.first;
      refused += after.second - before.second;
    }
    comparison.PrintRow(
        fmt::format("4 upload {} × 100 KiB, 30 ms, 503 above 3,500/s", files_), "files/s", "≥ 0.95",
        fmt::format("{:.2f} % answered 503 (target ≤ 1 %)", 100 * refused / (accepted + refused)));
    return true;
  }

  static std::pair<double, double> Counts(const std::string& port) {
    const auto sender = http::MakeSender([] { return http::MakeClient({}); });
    http::Request request{.path = "/-/counts"};
    request.origin = {.tls = false, .host = "127.0.0.1", .port = static_cast<uint16_t>(std::stoi(port))};
    const auto answer = sender->Send(std::move(request));
    double accepted = 0;
    double refused = 0;
    if (answer.response)
      std::sscanf(answer.response->body.c_str(), "{\"accepted\": %lf, \"refused\": %lf}", &accepted,
                  &refused);
    return {accepted, refused};
  }

  bool Fetch() const {
    const auto clear = [this] {
      for (const auto& entry : fs::directory_iterator(scratch_ / "got")) fs::remove_all(entry);
    };
    bool ok = true;
    for (const auto& [count, bytes] : {std::pair<int, uint64_t>{files_, 100 << 10}, {1, large_}}) {
      const Server server(
          {Path("emulated_s3"), "--objects", std::to_string(count), "--object-bytes", std::to_string(bytes)});
      std::vector<Program> programs = {
          {"ours", {Path("client_s3"), "get", server.port(), Of("got"), std::to_string(count)}},
          {"floor", {Path("floor_s3"), "get", server.port(), Of("got"), std::to_string(count)}}};
      const std::string url = "http://127.0.0.1:" + server.port();
      if (const char* s5cmd = std::getenv("SESHAT_BENCH_S5CMD"); s5cmd != nullptr && *s5cmd != '\0')
        programs.push_back(
            {"s5cmd", {s5cmd, "--endpoint-url", url, "cp", "s3://bench/get/*", Of("got") + "/"}});
      ok &= count == 1 ? Compare(fmt::format("8 fetch {} MiB", bytes >> 20), "GB/s",
                                 static_cast<double>(bytes) / 1e9, rounds_, "≥ 0.95", programs, clear)
                       : Compare(fmt::format("8 fetch {} × 100 KiB", count), "files/s", count, rounds_,
                                 "≥ 0.85", programs, clear);
      clear();
    }
    return ok;
  }

  const fs::path programs_;
  const fs::path scratch_;
  const int files_;
  const uint64_t large_;
  const int rounds_;
};

}  // namespace
}  // namespace seshat::bench

int main(int argc, char** argv) {
  namespace fs = std::filesystem;
  const bool full = argc > 2 && std::string_view(argv[1]) == "--full";
  if (argc < 2) return 2;
  const fs::path scratch = fs::path(argv[argc - 1]) / "s3";
  const int status = seshat::bench::Bench(fs::canonical("/proc/self/exe").parent_path(), scratch, full).Run();
  fs::remove_all(scratch);
  return status;
}
