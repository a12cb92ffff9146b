// Search: the embedded index over a synthetic lab, ten shapes of queries with five facets each.
//
//   bench_search [--full] [--sessions N] [--queries N] [--program PATH] [--only SHAPE] [--keep] [--cold] DIRECTORY
//
// Indexes 100,000 sessions of 30 keys (a million with --full), measures every shape in one warm process, then starts
// `seshat search` again and again: from exec to the end of its answer. With --keep the index stays in DIRECTORY and a
// later run begins with it; with --cold only the starts are measured, on an index that was kept.
#include <fmt/format.h>
#include <sys/resource.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <vector>

#include "adapters/sqlite_metadata_store/sqlite_metadata_store.h"
#include "bench_process.h"
#include "search/search_corpus.h"

namespace seshat::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr uint64_t kSeed = 20261123;
constexpr uint64_t kRateSessions = 100'000;
constexpr size_t kBatch = 500;
constexpr double kTargetMs = 5;
constexpr double kTargetRankedMs = 10;

struct Options {
  std::filesystem::path directory;
  uint64_t sessions = 100'000;
  uint64_t queries = 300;
  std::filesystem::path program;
  bool keep = false;
  bool cold = false;
  std::string only;  // shapes whose name holds this
};

// Of this thread: what a search costs, whatever else the machine does.
double CpuMilliseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

double Percentile(std::vector<double> values, double share) {
  std::ranges::sort(values);
  return values[std::min(values.size() - 1, static_cast<size_t>(share * static_cast<double>(values.size())))];
}

void PrintRow(std::string_view workload, const std::string& ours, std::string_view target, const std::string& notes) {
  fmt::print("| {} | {} | – | – | {} | {} |\n", workload, ours, target, notes);
  std::fflush(stdout);
}

// Sessions a second inside Upsert; making them up does not count.
bool Index(MetadataStore& store, const SearchCorpus& corpus) {
  const auto have = store.GetStatus();
  if (!have) return false;
  if (have->documents == corpus.sessions()) return true;
  std::vector<SessionDocument> batch;
  std::vector<double> commits;
  double cpu = 0;
  double first_cpu = 0;
  double seconds = 0;
  double first_seconds = 0;
  for (uint64_t i = 0; i < corpus.sessions(); ++i) {
    batch.push_back(corpus.Session(i));
    if (batch.size() < kBatch && i + 1 < corpus.sessions()) continue;
    const auto begin = Clock::now();
    const double cpu_begin = CpuMilliseconds();
    if (const auto status = store.Upsert(batch); !status) {
      fmt::print(stderr, "indexing: {}\n", status.error().ToString());
      return false;
    }
    commits.push_back(Milliseconds(Clock::now() - begin).count());
    seconds += commits.back() / 1000;
    cpu += (CpuMilliseconds() - cpu_begin) / 1000;
    batch.clear();
    if (i + 1 > kRateSessions) continue;
    first_seconds = seconds;
    first_cpu = cpu;
  }
  const auto first = std::min(kRateSessions, corpus.sessions());
  PrintRow(fmt::format("index {} sessions of 30 keys, {} a commit", first, kBatch),
           fmt::format("{:.0f} sessions/s", static_cast<double>(first) / first_seconds), "≥ 3000/s",
           fmt::format("{:.1f} s of CPU; commits p50 {:.0f} ms, p99 {:.0f} ms, longest {:.0f} ms", first_cpu,
                       Percentile(commits, 0.5), Percentile(commits, 0.99), Percentile(commits, 1)));
  if (corpus.sessions() > first)
    PrintRow(fmt::format("index {} sessions", corpus.sessions()),
             fmt::format("{:.0f} sessions/s", static_cast<double>(corpus.sessions()) / seconds), "",
             fmt::format("{:.0f} s in all, {:.0f} s of CPU", seconds, cpu));
  return true;
}

bool RunShape(MetadataStore& store, const SearchCorpus& corpus, const SearchShape& shape, uint64_t queries) {
  const uint64_t warm = queries / 10;
  std::vector<double> times;
  std::vector<double> cpu;
  double hits = 0;
  uint64_t partly_ranked = 0;
  for (uint64_t i = 0; i < queries + warm; ++i) {
    const auto request = MakeRequest(corpus, shape, i, store.capabilities().relevance);
    const auto begin = Clock::now();
    const double cpu_begin = CpuMilliseconds();
    const auto page = store.Search(request);
    const double cpu_took = CpuMilliseconds() - cpu_begin;
    const auto took = Milliseconds(Clock::now() - begin).count();
    if (!page) {
      fmt::print(stderr, "{}: {}\n", shape.name, page.error().ToString());
      return false;
    }
    if (i < warm) continue;
    times.push_back(took);
    cpu.push_back(cpu_took);
    hits += static_cast<double>(page->total);
    partly_ranked += page->ranked_newest > 0 ? 1 : 0;
  }
  const double p99 = Percentile(times, 0.99);
  PrintRow(
      fmt::format("search: {}", shape.name), fmt::format("p50 {:.2f}, p99 {:.2f} ms", Percentile(times, 0.5), p99),
      shape.ranked ? fmt::format("p99 ≤ {} ms, {} where ranked in part", kTargetMs, kTargetRankedMs)
                   : fmt::format("p99 ≤ {} ms", kTargetMs),
      fmt::format("CPU p50 {:.2f}, p99 {:.2f} ms; {:.0f} hits on average{}", Percentile(cpu, 0.5),
                  Percentile(cpu, 0.99), hits / static_cast<double>(times.size()),
                  partly_ranked == 0 ? "" : fmt::format(", {} of {} ranked in part", partly_ranked, times.size())));
  return true;
}

bool WriteConfig(const std::filesystem::path& path, const std::filesystem::path& directory) {
  std::ofstream out(path);
  out << fmt::format(
      "[store]\nurl = \"file://{0}/store\"\n[bus]\nurl = \"sqlite://{0}/bus.db\"\n"
      "[metadata]\nurl = \"sqlite://{0}/metadata.db\"\n",
      directory.string());
  return out.good();
}

// A new process for each query, as a person at a terminal makes them.
bool RunCold(const Options& options, const SearchCorpus& corpus) {
  const auto config = options.directory / "seshat.toml";
  std::filesystem::create_directories(options.directory / "store");
  if (!WriteConfig(config, options.directory)) return false;
  constexpr uint64_t kRounds = 40;
  std::vector<double> times;
  std::vector<double> cpu;
  double peak = 0;
  for (uint64_t i = 0; i < kRounds; ++i) {
    const auto& shape = SearchShapes()[i % SearchShapes().size()];
    const auto cost =
        RunChild({options.program.string(), "--config", config.string(), "search", shape.query(corpus, i)});
    if (!cost.ok) {
      fmt::print(stderr, "{} search failed: {}\n", options.program.string(), shape.query(corpus, i));
      return false;
    }
    times.push_back(cost.seconds * 1000);
    cpu.push_back(cost.cpu_seconds * 1000);
    peak = std::max(peak, cost.peak_mib);
  }
  PrintRow(fmt::format("`seshat search` on {} sessions, exec to answer", corpus.sessions()),
           fmt::format("p50 {:.1f}, p99 {:.1f} ms; {:.0f} MiB", Median(times), Percentile(times, 0.99), peak),
           "≤ 15 ms, ≤ 32 MB", fmt::format("{} starts, {:.1f} ms of CPU", kRounds, Median(cpu)));
  return true;
}

int FinishCold(const Options& options, const SearchCorpus& corpus) {
  const bool good = RunCold(options, corpus);
  if (!options.keep) std::filesystem::remove_all(options.directory);
  return good ? 0 : 1;
}

// In a process that has had little memory: the kernel counts what a process has before exec to the peak of the program
// that it becomes, so children of this one would show the memory of the benchmark.
int ExecCold(const Options& options) {
  const auto sessions = std::to_string(options.sessions);
  const auto directory = options.directory.parent_path().string();
  std::vector<const char*> argv{"bench_search",   "--cold",    "--sessions",
                                sessions.c_str(), "--program", options.program.c_str()};
  if (options.keep) argv.push_back("--keep");
  argv.push_back(directory.c_str());
  argv.push_back(nullptr);
  std::fflush(nullptr);
  ::execv("/proc/self/exe", const_cast<char**>(argv.data()));
  fmt::print(stderr, "cannot start itself again: {}\n", std::generic_category().message(errno));
  return 1;
}

int Run(const Options& options) {
  const auto path = options.directory / "metadata.db";
  std::filesystem::create_directories(options.directory);
  const SearchCorpus corpus(kSeed, options.sessions);
  if (options.cold) return FinishCold(options, corpus);
  auto store = sqlite_metadata_store::MakeSqliteMetadataStore({.path = path});
  if (!store) {
    fmt::print(stderr, "{}\n", store.error().ToString());
    return 1;
  }
  bool good = Index(**store, corpus);
  for (const auto& shape : SearchShapes())
    if (shape.name.find(options.only) != std::string_view::npos)
      good = good && RunShape(**store, corpus, shape, options.queries);
  if (const auto status = (*store)->GetStatus(); good && status)
    PrintRow("size of the index",
             fmt::format("{:.2f} KB a session", static_cast<double>(status->bytes.value_or(0)) /
                                                    static_cast<double>(corpus.sessions()) / 1000),
             "", fmt::format("{} {}", status->details[0].second, status->details[0].first));
  store->reset();
  if (good) return ExecCold(options);
  if (!options.keep) std::filesystem::remove_all(options.directory);
  return 1;
}

}  // namespace
}  // namespace seshat::bench

int main(int argc, char** argv) {
  seshat::bench::Options options;
  options.program = std::filesystem::path(argv[0]).parent_path() / "seshat";
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const auto next = [&]() -> std::string { return i + 1 < argc ? argv[++i] : ""; };
    if (word == "--full") {
      options.sessions = 1'000'000;
    } else if (word == "--sessions") {
      options.sessions = std::strtoull(next().c_str(), nullptr, 10);
    } else if (word == "--queries") {
      options.queries = std::strtoull(next().c_str(), nullptr, 10);
    } else if (word == "--program") {
      options.program = next();
    } else if (word == "--only") {
      options.only = next();
    } else if (word == "--keep") {
      options.keep = true;
    } else if (word == "--cold") {
      options.cold = true;
    } else {
      options.directory = std::filesystem::path(word) / "search";
    }
  }
  if (options.directory.empty() || options.sessions == 0 || options.queries == 0) {
    fmt::print(stderr,
               "usage: bench_search [--full] [--sessions N] [--queries N] [--program PATH] [--only SHAPE] "
               "[--keep] [--cold] DIRECTORY\n");
    return 2;
  }
  return seshat::bench::Run(options);
}
