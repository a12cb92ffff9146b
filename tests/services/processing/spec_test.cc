#include <gtest/gtest.h>

#include "services/processing/processor_spec.h"

namespace seshat::processing {
namespace {

ProcessorSpec Good() { return {.name = "p", .version = "1", .command = {"/bin/true"}}; }

TEST(ProcessorSpecs, GoodOnesPass) {
  ProcessorSpec other = Good();
  other.version = "2";
  const ProcessorSpec specs[] = {Good(), other};
  EXPECT_TRUE(CheckProcessorSpecs(specs));
}

TEST(ProcessorSpecs, EachMistakeIsNamed) {
  const auto problem = [](auto spoil) {
    ProcessorSpec spec = Good();
    spoil(spec);
    const Status checked = CheckProcessorSpecs({&spec, 1});
    if (checked) return std::string("none");
    EXPECT_EQ(checked.error().code, ErrorCode::kInvalidArgument);
    return checked.error().message;
  };
  const auto holds = [](const std::string& text, std::string_view part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  holds(problem([](auto& s) { s.name = "a/b"; }), "processor");
  holds(problem([](auto& s) { s.version = ""; }), "version");
  holds(problem([](auto& s) { s.command = {}; }), "absolute path of the program");
  holds(problem([](auto& s) { s.command = {"python3"}; }), "absolute path of the program");
  holds(problem([](auto& s) { s.patterns = {}; }), "match");
  holds(problem([](auto& s) { s.patterns = {PathGlob("[a")}; }), "match: the pattern '[a'");
  holds(problem([](auto& s) { s.with_siblings = {PathGlob("")}; }), "siblings: a pattern is empty");
  holds(problem([](auto& s) { s.read_only_paths = {"/"}; }), "read-only path");
  holds(problem([](auto& s) { s.timeout = {}; }), "timeout");
  holds(problem([](auto& s) { s.memory_bytes = 1; }), "memory");
  holds(problem([](auto& s) { s.output_bytes = 0; }), "outputs");
  holds(problem([](auto& s) { s.max_attempts = 0; }), "attempts");
}

TEST(ProcessorSpecs, ResultsOfTwoProcessorsMayNotMix) {
  ProcessorSpec a = Good();
  a.name = "a-b";
  ProcessorSpec b = Good();
  b.name = "a";
  b.version = "b-1";
  const ProcessorSpec specs[] = {a, b};
  EXPECT_FALSE(CheckProcessorSpecs(specs));
}

}  // namespace
}  // namespace seshat::processing
