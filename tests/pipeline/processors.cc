#include "pipeline/processors.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "core/base/path_glob.h"
#include "pipeline/odd_names.h"
#include "support/temp_dir.h"

namespace seshat::testing {
namespace {

std::string OutputBytes(const LabProcessor& processor, const std::string& name, std::string_view bytes) {
  return processor.spec.FullName() + " " + name + " " + std::to_string(bytes.size()) + " " +
         std::string(bytes.substr(0, 20));
}

bool InTheWay(const std::string& a, const std::string& b) {
  return a == b || a.starts_with(b + "/") || b.starts_with(a + "/");
}

const LabProcessor* Find(const std::vector<LabProcessor>& processors, const ProcessorRun& run) {
  const auto found = std::ranges::find(processors, run.command.back(), [](const auto& p) { return p.spec.FullName(); });
  return found == processors.end() ? nullptr : &*found;
}

}  // namespace

std::vector<LabProcessor> MakeProcessors(Dice& dice) {
  std::vector<LabProcessor> processors;
  const size_t count = 1 + dice.Below(3);
  for (size_t i = 0; i < count; ++i) {
    LabProcessor processor{.behaviour = static_cast<Behaviour>(dice.Below(4))};
    processor.spec = {.name = "p" + std::to_string(i),
                      .version = "1",
                      .command = {"/lab/program", "{input}", "{output}", ""},
                      .max_attempts = 3};
    if (dice.OneIn(4)) processor.spec.patterns = {PathGlob("*.dat")};
    if (dice.OneIn(4)) processor.spec.include_metadata = true;
    const size_t outputs = dice.Below(4);
    for (size_t o = 0; o < outputs; ++o) {
      const std::string name = OddOutputName(dice);
      const auto in_the_way = [&](const std::string& other) { return InTheWay(name, other); };
      if (std::ranges::none_of(processor.output_names, in_the_way)) processor.output_names.push_back(name);
    }
    processor.spec.command.back() = processor.spec.FullName();
    processors.push_back(std::move(processor));
  }
  return processors;
}

LabProcessor NextVersion(const LabProcessor& processor) {
  LabProcessor next = processor;
  next.spec.version = "2";
  next.spec.command.back() = next.spec.FullName();
  return next;
}

std::optional<bool> MustSucceed(const LabProcessor& processor, std::string_view bytes) {
  switch (processor.behaviour) {
    case Behaviour::kPicky:
      return bytes.size() % 3 != 0;
    case Behaviour::kFlaky:
      return std::nullopt;
    default:
      return true;
  }
}

std::optional<std::string> ExpectedOutput(const LabProcessor& processor, const std::string& name,
                                          std::string_view bytes) {
  if (processor.behaviour == Behaviour::kStamping) return std::nullopt;
  return OutputBytes(processor, name, bytes);
}

memory_processor_runner::ProcessorFunction MakeFunction(const std::vector<LabProcessor>& processors, Dice& dice,
                                                        std::function<void()> within) {
  auto runs = std::make_shared<uint64_t>(0);
  return [&processors, &dice, within = std::move(within), runs](const ProcessorRun& run,
                                                                const std::stop_token&) -> Result<RunReport> {
    const LabProcessor* const processor = Find(processors, run);
    if (processor == nullptr) return Fail(ErrorCode::kInternal, "no such processor in this lab");
    const uint64_t number = ++*runs;
    const std::string bytes = ReadFile(run.input);
    within();
    const bool fails = processor->behaviour == Behaviour::kFlaky ? dice.OneIn(3) : !*MustSucceed(*processor, bytes);
    if (fails) return RunReport{.exit_status = 3, .log_tail = "cannot read this"};
    for (const auto& name : processor->output_names) {
      std::string out = OutputBytes(*processor, name, bytes);
      if (processor->behaviour == Behaviour::kStamping) out += " run " + std::to_string(number);
      WriteFile(run.output_directory / name, out);
    }
    return RunReport{};
  };
}

}  // namespace seshat::testing
