// The demo's processor: writes statistics.csv about the file it is given. docs/processors.md says how a
// processor is called.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>

#include "statistics.h"

namespace {

int Run() {
  // No other thread is there to change the environment.
  const char* input = std::getenv("SESHAT_INPUT");    // NOLINT(concurrency-mt-unsafe)
  const char* output = std::getenv("SESHAT_OUTPUT");  // NOLINT(concurrency-mt-unsafe)
  if (input == nullptr || output == nullptr) {
    std::fputs("usage: SESHAT_INPUT=<file> SESHAT_OUTPUT=<directory> seshat-statistics\n", stderr);
    return 2;
  }
  seshat::statistics::Statistics statistics;
  if (!seshat::statistics::Compute(input, statistics)) {
    std::fputs("cannot read the input\n", stderr);
    return 1;
  }
  std::ofstream out(std::filesystem::path(output) / "statistics.csv", std::ios::binary);
  out << ToCsv(statistics);
  if (!out.flush()) {
    std::fputs("cannot write statistics.csv\n", stderr);
    return 1;
  }
  return 0;
}

}  // namespace

int main() {
  try {
    return Run();
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
  }
}
