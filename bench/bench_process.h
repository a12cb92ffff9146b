// Timing programs against each other: wall time, CPU time and peak memory of a child, medians of rounds.
#pragma once

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace seshat::bench {

struct ChildCost {
  double seconds = 0;
  double cpu_seconds = 0;
  double peak_mib = 0;
  bool ok = false;
};

// Runs the program with its output thrown away, and with `quiet` what it says on standard error too.
inline ChildCost RunChild(const std::vector<std::string>& command, bool quiet = false) {
  std::vector<char*> argv;
  for (const auto& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const auto begin = std::chrono::steady_clock::now();
  std::fflush(nullptr);  // or the child writes what is buffered once more
  const pid_t child = ::fork();
  if (child == 0) {
    if (std::freopen("/dev/null", "w", stdout) == nullptr) ::_exit(126);
    if (quiet && std::freopen("/dev/null", "w", stderr) == nullptr) ::_exit(126);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  int status = 0;
  rusage usage{};
  if (child < 0 || ::wait4(child, &status, 0, &usage) < 0) return {};
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return {.seconds = took.count(),
          .cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime),
          .peak_mib = static_cast<double>(usage.ru_maxrss) / 1024,
          .ok = WIFEXITED(status) && WEXITSTATUS(status) == 0};
}

inline double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  return values[values.size() / 2];
}

// Ours and another program in the same rounds, for one row of the table that scripts/bench prints.
class Comparison {
 public:
  // One round. Two values of the same kind; which of them is better is for `Row` to say.
  void Add(double ours, double other) {
    ours_.push_back(ours);
    other_.push_back(other);
    ratios_.push_back(ours / other);
  }
  double median_ratio() const { return Median(ratios_); }

  // "| workload | ours | other | ratio (least–most) | target | notes |"
  void PrintRow(std::string_view workload, std::string_view unit, std::string_view target,
                std::string_view notes) const {
    const auto [least, most] = std::ranges::minmax(ratios_);
    fmt::print("| {} | {:.3g} {} | {:.3g} {} | {:.2f} ({:.2f}–{:.2f}) | {} | {} |\n", workload, Median(ours_), unit,
               Median(other_), unit, Median(ratios_), least, most, target, notes);
    std::fflush(stdout);
  }

 private:
  std::vector<double> ours_;
  std::vector<double> other_;
  std::vector<double> ratios_;
};

}  // namespace seshat::bench
