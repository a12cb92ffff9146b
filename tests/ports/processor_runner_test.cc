#include "ports/processor_runner.h"

#include <gtest/gtest.h>

#include <csignal>
#include <functional>

namespace seshat {
namespace {

ProcessorRun Good() {
  return {.command = {"/bin/true", "{input}"},
          .input = "/data/raw",
          .input_name = "raw.bin",
          .siblings = {{"/data/header", "raw.hea"}},
          .output_directory = "/out",
          .read_only_paths = {"/opt/model"}};
}

TEST(CheckProcessorRun, Table) {
  struct Row {
    const char* what;
    std::function<void(ProcessorRun&)> change;
    bool good;
  };
  const Row rows[] = {
      {"as it is", [](auto&) {}, true},
      {"no command", [](auto& r) { r.command.clear(); }, false},
      {"a relative program", [](auto& r) { r.command[0] = "true"; }, false},
      {"a zero byte", [](auto& r) { r.command.push_back(std::string("a\0b", 3)); }, false},
      {"an empty argument", [](auto& r) { r.command.emplace_back(); }, true},
      {"odd bytes in a name", [](auto& r) { r.input_name = "\xFF\n"; }, true},
      {"no name", [](auto& r) { r.input_name.clear(); }, false},
      {"this folder", [](auto& r) { r.input_name = "."; }, false},
      {"the folder above", [](auto& r) { r.input_name = ".."; }, false},
      {"a path as name", [](auto& r) { r.input_name = "a/b"; }, false},
      {"a zero byte in a name", [](auto& r) { r.input_name = std::string("a\0", 2); }, false},
      {"the longest name", [](auto& r) { r.input_name.assign(255, 'a'); }, true},
      {"a longer one", [](auto& r) { r.input_name.assign(256, 'a'); }, false},
      {"a sibling with a path", [](auto& r) { r.siblings[0].name = "../x"; }, false},
      {"a sibling of the input's name", [](auto& r) { r.siblings[0].name = r.input_name; }, false},
      {"two siblings of one name", [](auto& r) { r.siblings.push_back(r.siblings[0]); }, false},
      {"a relative input", [](auto& r) { r.input = "raw"; }, false},
      {"a relative output directory", [](auto& r) { r.output_directory = "out"; }, false},
      {"a relative path to read", [](auto& r) { r.read_only_paths = {"opt"}; }, false},
      {"all of the machine", [](auto& r) { r.read_only_paths = {"/"}; }, false},
      {"no time", [](auto& r) { r.timeout = {}; }, false},
      {"no memory", [](auto& r) { r.memory_bytes = 0; }, false},
  };
  for (const auto& row : rows) {
    ProcessorRun run = Good();
    row.change(run);
    const auto status = CheckProcessorRun(run);
    EXPECT_EQ(status.has_value(), row.good) << row.what;
    if (!status) {
      EXPECT_EQ(status.error().code, ErrorCode::kInvalidArgument) << row.what;
    }
  }
}

TEST(ExpandArgument, ReplacesInOnePass) {
  EXPECT_EQ(ExpandArgument("--in={input}", "/i", "/o"), "--in=/i");
  EXPECT_EQ(ExpandArgument("{input}{output}{input}", "/i", "/o"), "/i/o/i");
  EXPECT_EQ(ExpandArgument("{input}", "{output}", "/o"), "{output}");
  EXPECT_EQ(ExpandArgument("{in}put} {Input} {", "/i", "/o"), "{in}put} {Input} {");
  EXPECT_EQ(ExpandArgument("", "/i", "/o"), "");
}

TEST(RunReport, SaysHowARunEnded) {
  const auto say = [](RunEnd end, int status, int signal) {
    return RunReport{.end = end, .exit_status = status, .signal = signal, .wall = std::chrono::milliseconds{1500}}
        .Describe();
  };
  EXPECT_EQ(say(RunEnd::kExited, 3, 0), "exit status 3");
  EXPECT_EQ(say(RunEnd::kSignalled, 0, SIGSEGV), "killed by signal 11");
  EXPECT_EQ(say(RunEnd::kSignalled, 0, SIGXFSZ), "wrote more than it may");
  EXPECT_EQ(say(RunEnd::kTimedOut, 0, 0), "timed out after 1.5 s");
  EXPECT_EQ(say(RunEnd::kOutOfMemory, 0, 0), "ran out of the memory it may use");
  EXPECT_TRUE(RunReport{}.succeeded());
  EXPECT_FALSE((RunReport{.exit_status = 1}).succeeded());
  EXPECT_FALSE((RunReport{.end = RunEnd::kTimedOut}).succeeded());
}

}  // namespace
}  // namespace seshat
