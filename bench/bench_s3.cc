// The S3 store against floors and peers, on an S3 that keeps nothing (s3/emulated_s3.cc): rows 1–4 and 8 of the targets.
//
//   bench_s3 [--full] [--rows 1,2,…] DIRECTORY
//
// --full: 10,000 × 100 KiB and 2 GiB, seven rounds; otherwise a tenth, three rounds. Programs run in turn, the server on the
// first core, the clients on the last one. Peers take part where these name them: SESHAT_BENCH_S5CMD, SESHAT_BENCH_RCLONE,
// SESHAT_BENCH_AWS; one that fails is left out of its row. "floor" moves bytes and nothing else, "floor with digests" also
// computes what integrity costs at least: the SHA-256 of each file and the CRC64NVME of each body (on the way down the
// latter). Without TLS a signature takes the SHA-256 of each request's body as well, for peers too.
//
// Row 8 writes through the page cache, as `seshat get` does, so that is its floor; the O_DIRECT floor is beside it. Files
// that were fetched are emptied and stay until the end: ext4 searches for long among inodes that were freed a moment ago.
// Row 9 (kill -9) is tests/engines/upload_kill_test.py.
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

#include "bench_process.h"
#include "platform/http/sender.h"

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
  bool peer = false;  // not ours: it may fail
  bool left_out = false;
};

// "s5cmd 2.3.0" from where scripts/engines puts it, or what the program itself says.
std::string Versioned(const std::string& name, const fs::path& program) {
  const std::string folder = program.parent_path().filename().string();
  if (folder.starts_with(name + "-")) return name + " " + folder.substr(name.size() + 1);
  std::string said;
  if (FILE* const pipe = ::popen(fmt::format("'{}' --version 2>/dev/null", program.string()).c_str(), "r")) {
    for (int c = std::fgetc(pipe); c != EOF && c != ' ' && c != '\n'; c = std::fgetc(pipe))
      said += static_cast<char>(c);
    ::pclose(pipe);
  }
  return said.empty() ? name : said;
}

// A row for each other program: the first one is ours. In commands "{}" stands for a new directory under `scratch`.
class Contest {
 public:
  Contest(std::string workload, std::string_view unit, double work, std::string_view target)
      : workload_(std::move(workload)), unit_(unit), work_(work), target_(target) {}

  // False where one of our own programs failed.
  bool Run(int rounds, std::vector<Program> programs, const fs::path& scratch = {}) {
    std::vector<std::vector<ChildCost>> costs(programs.size());
    for (int round = 0; round < rounds; ++round) {
      for (size_t i = 0; i < programs.size(); ++i) {
        if (programs[i].left_out) continue;
        costs[i].push_back(RunOnce(programs[i], scratch));
        if (costs[i].back().ok) continue;
        fmt::print(stderr, "bench_s3: {} failed at '{}'\n", programs[i].name, workload_);
        if (!programs[i].peer) return false;
        programs[i].left_out = true;
      }
    }
    for (size_t i = 1; i < programs.size(); ++i)
      if (!programs[i].left_out) Print(programs[i].name, costs[0], costs[i]);
    return true;
  }

 private:
  static ChildCost RunOnce(const Program& program, const fs::path& scratch) {
    static int runs = 0;
    const fs::path directory = scratch / fmt::format("got{:04}", ++runs);
    std::vector<std::string> command = program.command;
    bool fetches = false;
    for (std::string& word : command) {
      if (!word.starts_with("{}")) continue;
      word = directory.string() + word.substr(2);
      fetches = true;
    }
    if (fetches) fs::create_directories(directory);
    const ChildCost cost = RunChild(command, program.peer);
    if (fetches) {
      for (const auto& entry : fs::recursive_directory_iterator(directory))
        if (entry.is_regular_file()) fs::resize_file(entry.path(), 0);
    }
    return cost;
  }

  static double Middle(const std::vector<ChildCost>& all, double ChildCost::* member) {
    std::vector<double> values;
    values.reserve(all.size());
    for (const ChildCost& cost : all) values.push_back(cost.*member);
    return Median(values);
  }

  void Print(const std::string& other, const std::vector<ChildCost>& ours, const std::vector<ChildCost>& theirs) {
    Comparison comparison;
    for (size_t round = 0; round < theirs.size(); ++round)
      comparison.Add(work_ / ours[round].seconds, work_ / theirs[round].seconds);
    comparison.PrintRow(
        fmt::format("{}, beside {}", workload_, other), unit_, target_,
        fmt::format("CPU {:.2f} s, {} {:.2f} s; memory {:.0f} MiB, {} {:.0f} MiB",
                    Middle(ours, &ChildCost::cpu_seconds), other, Middle(theirs, &ChildCost::cpu_seconds),
                    Middle(ours, &ChildCost::peak_mib), other, Middle(theirs, &ChildCost::peak_mib)));
  }

  const std::string workload_;
  const std::string_view unit_;
  const double work_;
  const std::string_view target_;
};

class Bench {
 public:
  Bench(fs::path programs, fs::path scratch, bool full, std::string rows)
      : programs_(std::move(programs)),
        scratch_(std::move(scratch)),
        rows_(std::move(rows)),
        files_(full ? 10'000 : 1000),
        large_(full ? 2ULL << 30 : 256ULL << 20),
        rounds_(full ? 7 : 3) {}

  int Run() {
    if (Wants('1') || Wants('4')) MakeFiles(scratch_ / "small", files_, 100 << 10);
    if (Wants('2') || Wants('3')) MakeFiles(scratch_ / "large", 1, large_);
    PinTo(static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN)) - 1);
    bool all = true;
    if (Wants('1')) all &= UploadSmall();
    if (Wants('2')) all &= UploadLarge();
    if (Wants('3')) all &= UploadLargeOverTls();
    if (Wants('4')) all &= UploadAtALimit();
    if (Wants('8')) all &= Fetch(files_, 100 << 10) & Fetch(1, large_);
    return all ? 0 : 1;
  }

 private:
  bool Wants(char row) const { return rows_.find(row) != std::string::npos; }
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

  static void SetUpPeers(const std::string& port) {
    ::setenv("AWS_ACCESS_KEY_ID", "bench", 1);
    ::setenv("AWS_SECRET_ACCESS_KEY", "bench", 1);
    ::setenv("AWS_REGION", "us-east-1", 1);
    ::unsetenv("AWS_CA_BUNDLE");
    ::setenv("RCLONE_CONFIG_B_TYPE", "s3", 1);
    ::setenv("RCLONE_CONFIG_B_PROVIDER", "Other", 1);
    ::setenv("RCLONE_CONFIG_B_ENV_AUTH", "true", 1);
    ::setenv("RCLONE_CONFIG_B_ENDPOINT", ("http://127.0.0.1:" + port).c_str(), 1);
  }

  // Those that are there, putting `directory`.
  static void AddPeers(std::vector<Program>& programs, const std::string& port, const std::string& directory) {
    const std::string url = "http://127.0.0.1:" + port;
    SetUpPeers(port);
    AddPeer(programs, "s5cmd", "SESHAT_BENCH_S5CMD",
            {"--log", "error", "--endpoint-url", url, "cp", directory + "/*", "s3://bench/s5cmd/"});
    AddPeer(programs, "rclone", "SESHAT_BENCH_RCLONE",
            {"-q", "copy", "--ignore-times", "--s3-no-check-bucket", directory, "B:bench/rclone"});
    AddPeer(programs, "aws", "SESHAT_BENCH_AWS",
            {"s3", "cp", "--recursive", "--only-show-errors", "--endpoint-url", url, directory, "s3://bench/aws/"});
  }

  static void AddPeer(std::vector<Program>& programs, const std::string& name, const char* variable,
                      const std::vector<std::string>& arguments) {
    const char* const program = std::getenv(variable);
    if (program == nullptr || *program == '\0') return;
    std::vector<std::string> command = {program};
    command.insert(command.end(), arguments.begin(), arguments.end());
    programs.push_back({.name = Versioned(name, program), .command = std::move(command), .peer = true});
  }

  // Ours and the floors putting `directory`; `rest` comes last.
  std::vector<Program> Puts(const std::string& port, const std::string& directory,
                            const std::vector<std::string>& rest = {}) const {
    std::vector<Program> programs = {
        {.name = "ours", .command = {Path("client_s3"), "put", port, directory}},
        {.name = "floor", .command = {Path("floor_s3"), "put", port, directory}},
        {.name = "floor with digests", .command = {Path("floor_s3"), "--digests", "put", port, directory}}};
    for (Program& program : programs) program.command.insert(program.command.end(), rest.begin(), rest.end());
    return programs;
  }

  bool UploadSmall() const {
    const Server server({Path("emulated_s3")});
    std::vector<Program> programs = Puts(server.port(), Of("small"));
    AddPeers(programs, server.port(), Of("small"));
    return Contest(fmt::format("1 upload {} × 100 KiB", files_), "files/s", files_,
                   "floor ≥ 0.75, s5cmd ≥ 6, CPU ≥ 15× less")
        .Run(rounds_, std::move(programs));
  }

  bool UploadLarge() const {
    const Server server({Path("emulated_s3")});
    std::vector<Program> programs = Puts(server.port(), Of("large"));
    AddPeers(programs, server.port(), Of("large"));
    return Contest(fmt::format("2 upload {} MiB", large_ >> 20), "GB/s", static_cast<double>(large_) / 1e9,
                   "aws (CRT) ≥ 1.5, s5cmd ≥ 6, memory ≤ 64")
        .Run(rounds_, std::move(programs));
  }

  bool UploadLargeOverTls() const {
    const std::string both = Of("both.pem");
    const std::string make = fmt::format(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout '{0}.key' -out '{0}.crt' "
        "-subj /CN=localhost -addext subjectAltName=DNS:localhost -days 2 2>/dev/null && cat '{0}.key' "
        "'{0}.crt' > '{0}'",
        both);
    if (std::system(make.c_str()) != 0) return false;
    const Server server({Path("emulated_s3"), "--certificate", both});
    return Contest(fmt::format("3 upload {} MiB over TLS 1.3", large_ >> 20), "GB/s", static_cast<double>(large_) / 1e9,
                   "≥ 0.90")
        .Run(rounds_, Puts(server.port(), Of("large"), {both + ".crt"}));
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
    comparison.PrintRow(fmt::format("4 upload {} × 100 KiB, 30 ms, 503 above 3,500/s", files_), "files/s", "≥ 0.95",
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
      std::sscanf(answer.response->body.c_str(), "{\"accepted\": %lf, \"refused\": %lf}", &accepted, &refused);
    return {accepted, refused};
  }

  bool Fetch(int count, uint64_t bytes) const {
    const std::string number = std::to_string(count);
    const Server server({Path("emulated_s3"), "--objects", number, "--object-bytes", std::to_string(bytes)});
    const std::string& port = server.port();
    const auto floor = [&](const std::string& name, std::vector<std::string> options) {
      options.insert(options.begin(), Path("floor_s3"));
      options.insert(options.end(), {"get", port, "{}", number});
      return Program{.name = name, .command = std::move(options)};
    };
    std::vector<Program> programs = {{.name = "ours", .command = {Path("client_s3"), "get", port, "{}", number}},
                                     floor("floor", {}),
                                     floor("floor with digests", {"--digests"}),
                                     floor("floor with O_DIRECT", {"--direct"})};
    SetUpPeers(port);
    AddPeer(programs, "s5cmd", "SESHAT_BENCH_S5CMD",
            {"--log", "error", "--endpoint-url", "http://127.0.0.1:" + port, "cp", "s3://bench/get/*", "{}/"});
    const bool ok = count == 1 ? Contest(fmt::format("8 fetch {} MiB", bytes >> 20), "GB/s",
                                         static_cast<double>(bytes) / 1e9, "≥ 0.95")
                                     .Run(rounds_, std::move(programs), scratch_)
                               : Contest(fmt::format("8 fetch {} × 100 KiB", count), "files/s", count, "≥ 0.85")
                                     .Run(rounds_, std::move(programs), scratch_);
    return ok;
  }

  const fs::path programs_;
  const fs::path scratch_;
  const std::string rows_;
  const int files_;
  const uint64_t large_;
  const int rounds_;
};

}  // namespace
}  // namespace seshat::bench

int main(int argc, char** argv) {
  namespace fs = std::filesystem;
  bool full = false;
  std::string rows = "12348";
  for (int i = 1; i + 1 < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--full") full = true;
    if (word == "--rows" && i + 2 < argc) rows = argv[++i];
  }
  if (argc < 2) return 2;
  const fs::path scratch = fs::path(argv[argc - 1]) / "s3";
  const int status = seshat::bench::Bench(fs::canonical("/proc/self/exe").parent_path(), scratch, full, rows).Run();
  fs::remove_all(scratch);
  return status;
}
