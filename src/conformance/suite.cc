#include "conformance/suite.h"

#include <fmt/format.h>

#include <map>

namespace seshat::conformance {
namespace {

struct Counts {
  int run = 0;
  int skipped = 0;
};

using Tally = std::map<std::string, std::map<std::string, Counts>>;  // port, adapter

Tally& TheTally() {
  static Tally tally;
  return tally;
}

class TallyPrinter : public ::testing::Environment {
 public:
  void TearDown() override {
    for (const auto& [port, adapters] : TheTally()) {
      int most = 0;
      std::string details;
      for (const auto& [adapter, counts] : adapters) {
        most = std::max(most, counts.run + counts.skipped);
        details += fmt::format("{}{}: {} run, {} that its harness cannot stage", details.empty() ? "" : "; ", adapter,
                               counts.run, counts.skipped);
      }
      fmt::print("{} suite: {} adapters × {} cases ({})\n", port, adapters.size(), most, details);
    }
  }
};

}  // namespace

void NoteCase(const std::string& port, const std::string& adapter, bool skipped) {
  Counts& counts = TheTally()[port][adapter];
  ++(skipped ? counts.skipped : counts.run);
}

void PrintTallyAtEnd() {
  // GoogleTest owns it.
  [[maybe_unused]] static const auto* const printer = ::testing::AddGlobalTestEnvironment(new TallyPrinter);
}

}  // namespace seshat::conformance
