// The processors of a random lab: what they want, and what must come out, worked out from the bytes of the file alone.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/memory_processor_runner/memory_processor_runner.h"
#include "pipeline/dice.h"
#include "services/processing/processor_spec.h"

namespace seshat::testing {

enum class Behaviour {
  kSteady,    // the same outputs for the same bytes
  kStamping,  // other bytes in its outputs with every run
  kPicky,     // refuses every file whose size is a multiple of three
  kFlaky,     // fails now and then, and then not
};

struct LabProcessor {
  Behaviour behaviour = Behaviour::kSteady;
  processing::ProcessorSpec spec;
  std::vector<std::string> output_names;  // distinct, none in the way of another
};

// 1–3 of them, no two with one name and version.
std::vector<LabProcessor> MakeProcessors(Dice& dice);
// The same processor, one version on.
LabProcessor NextVersion(const LabProcessor& processor);

// Whether it must succeed, must fail, or may do either.
std::optional<bool> MustSucceed(const LabProcessor& processor, std::string_view bytes);
// What must be in the output `name`; nothing where that differs with every run.
std::optional<std::string> ExpectedOutput(const LabProcessor& processor, const std::string& name,
                                          std::string_view bytes);

// Runs all of them. `within` is called in the middle of each run: a second worker may come in between.
memory_processor_runner::ProcessorFunction MakeFunction(const std::vector<LabProcessor>& processors, Dice& dice,
                                                        std::function<void()> within);

}  // namespace seshat::testing
