// All services in one process, on random labs: whatever happens on the way, once everything has come to rest the store,
// the index, `get` and `verify` say the same, and it is what the lab's directory holds.
//
// To look at one lab again:  SESHAT_PIPELINE_SEED=<seed> build/dev/bin/pipeline_test
// To look at more of them:   SESHAT_PIPELINE_LABS=5000 build/dev/bin/pipeline_test
#include "pipeline/pipeline.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <string>

#include "adapters/scratch_directory/scratch_directory.h"
#include "pipeline/properties.h"
#include "support/temp_dir.h"

namespace seshat::testing {
namespace {

constexpr uint64_t kFirstSeed = 1;
constexpr uint64_t kLabs = 200;

std::optional<uint64_t> Environment(const char* name) {
  const char* const text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody sets one
  if (text == nullptr || *text == '\0') return std::nullopt;
  return std::strtoull(text, nullptr, 10);
}

class PipelineTest : public ::testing::Test {
 protected:
  std::unique_ptr<Pipeline> Run(uint64_t seed, const PipelineOptions& options = {}) {
    Dice dice(~seed);
    auto pipeline = std::make_unique<Pipeline>(seed, options, *scratch_);
    const uint64_t steps = 20 + dice.Below(60);
    for (uint64_t i = 0; i < steps; ++i) pipeline->Step();
    pipeline->Rest();
    CheckPipeline(*pipeline);
    return pipeline;
  }

  TempDir directory_;
  SeededRandom random_;
  std::unique_ptr<Scratch> scratch_ = scratch_directory::MakeScratchDirectory(directory_ / "scratch", random_).value();
};

TEST_F(PipelineTest, OnceAtRestEverythingAgrees) {
  const auto seed = Environment("SESHAT_PIPELINE_SEED");
  const uint64_t first = seed.value_or(kFirstSeed);
  const uint64_t labs = Environment("SESHAT_PIPELINE_LABS").value_or(seed ? 1 : kLabs);
  for (uint64_t lab = first; lab < first + labs; ++lab) {
    const auto pipeline = Run(lab);
    if (!HasFailure()) continue;
    std::string story;
    for (const auto& line : pipeline->story()) story += "\n  " + line;
    FAIL() << "to see this lab again: SESHAT_PIPELINE_SEED=" << lab << "\nwhat happened:" << story;
  }
}

TEST_F(PipelineTest, ASeedMakesTheSameLabAgain) {
  const auto once = Run(7);
  const auto again = Run(7);
  EXPECT_EQ(once->story(), again->story());
  EXPECT_EQ(once->seen(), again->seen());
}

}  // namespace
}  // namespace seshat::testing
