#include "cli/arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "cli/help.h"
#include "cli/invocation.h"
#include "support/temp_dir.h"

namespace seshat::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Words = std::vector<std::string>;

std::string ErrorOf(const Words& words) {
  const auto parsed = ParseArguments(words);
  EXPECT_FALSE(parsed.has_value());
  if (parsed) return "";
  EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidArgument);
  return parsed.error().message;
}

ParsedArguments Parsed(const Words& words) {
  auto parsed = ParseArguments(words);
  EXPECT_TRUE(parsed.has_value()) << parsed.error().message;
  return parsed ? *parsed : ParsedArguments{};
}

TEST(Arguments, FlagsMayStandAnywhere) {
  for (const Words& words : {Words{"simulate", "--to", "lab", "--json"}, Words{"--json", "simulate", "--to=lab"},
                             Words{"--to", "lab", "simulate", "--json"}}) {
    const ParsedArguments parsed = Parsed(words);
    ASSERT_NE(parsed.command, nullptr);
    EXPECT_EQ(parsed.command->name, "simulate");
    EXPECT_THAT(parsed.flags.at("--to"), ElementsAre("lab"));
    EXPECT_TRUE(parsed.flags.contains("--json"));
  }
}

TEST(Arguments, WordsOfAQueryStayAsTheyAre) {
  EXPECT_THAT(Parsed({"help", "--", "--markdown"}).arguments, ElementsAre("--markdown"));
  EXPECT_THAT(Parsed({"help", "-"}).arguments, ElementsAre("-"));
  EXPECT_THAT(Parsed({"help", "version"}).arguments, ElementsAre("version"));
}

TEST(Arguments, HelpNeedsNothingElse) {
  EXPECT_TRUE(Parsed({"completion", "--help"}).help);
  EXPECT_TRUE(Parsed({"-h"}).help);
  EXPECT_TRUE(Parsed({"--version"}).version);
  EXPECT_EQ(Parsed({}).command, nullptr);
}

TEST(Arguments, MistakesGetASuggestion) {
  EXPECT_EQ(ErrorOf({"simulat"}), "there is no command 'simulat'; did you mean 'simulate'?");
  EXPECT_EQ(ErrorOf({"frobnicate"}), "there is no command 'frobnicate'; see seshat --help");
  EXPECT_EQ(ErrorOf({"simulate", "--sesions", "3"}), "there is no flag '--sesions'; did you mean '--sessions'?");
  EXPECT_EQ(ErrorOf({"config", "shwo"}), "<action>: 'shwo' is none of: show, check, template; did you mean 'show'?");
  EXPECT_EQ(ErrorOf({"version", "--log-level", "inf"}),
            "--log-level: 'inf' is none of: debug, info, warning, error; did you mean 'info'?");
}

TEST(Arguments, MissingAndSurplusAreToldApart) {
  EXPECT_THAT(ErrorOf({"completion"}), HasSubstr("<shell> is missing"));
  EXPECT_THAT(ErrorOf({"version", "x"}), HasSubstr("'x' is one argument too many"));
  EXPECT_THAT(ErrorOf({"simulate", "--to"}), HasSubstr("--to needs a value: --to DIR"));
  EXPECT_THAT(ErrorOf({"simulate", "--to", "a", "--to", "b"}), HasSubstr("--to was given twice"));
  EXPECT_THAT(ErrorOf({"simulate", "--live=yes"}), HasSubstr("--live takes no value"));
  EXPECT_THAT(ErrorOf({"completion", "bash", "--json"}), HasSubstr("has nothing to print as JSON"));
}

TEST(Arguments, HostileWordsAreShownEscaped) {
  EXPECT_THAT(ErrorOf({"\x1b[2J"}), HasSubstr("\\x1b[2J"));
  EXPECT_THAT(ErrorOf({"version", "--\n"}), HasSubstr("--\\x0a"));
}

TEST(Assignments, SourcesGetNamesFromTheirDirectories) {
  ParsedArguments parsed;
  parsed.flags["--source"] = {"lab/Bench 1", "/mnt/lab/Bench 1/", "/srv/.hidden", "/"};
  parsed.flags["--quiet-time"] = {"2s"};
  parsed.flags["--store"] = {"store"};
  parsed.flags["--set"] = {"agent.host=a=b"};
  const auto assignments = AssignmentsOfFlags(parsed, "/home/ada");
  ASSERT_TRUE(assignments);
  std::vector<std::string> all;
  for (const composition::Assignment& assignment : *assignments) all.push_back(assignment.path + "=" + assignment.text);
  EXPECT_THAT(all, ElementsAre("agent.host=a=b", "store.url=file:///home/ada/store",
                               "sources.Bench-1.path=/home/ada/lab/Bench 1", "sources.Bench-1.complete.quiet=2s",
                               "sources.Bench-1-2.path=/mnt/lab/Bench 1", "sources.Bench-1-2.complete.quiet=2s",
                               "sources.source-hidden.path=/srv/.hidden", "sources.source-hidden.complete.quiet=2s",
                               "sources.source.path=/", "sources.source.complete.quiet=2s"));
  parsed.flags["--set"] = {"nonsense"};
  EXPECT_EQ(AssignmentsOfFlags(parsed, "/").error().code, ErrorCode::kInvalidArgument);
}

TEST(Commands, AreExplainedWithExamplesFirst) {
  const Console console({.color = false});
  std::set<std::string_view> names;
  for (const Command* command : AllCommands()) {
    EXPECT_TRUE(names.insert(command->name).second) << command->name;
    EXPECT_FALSE(command->examples.empty()) << command->name;
    EXPECT_TRUE(command->summary.ends_with('.')) << command->name;
    ASSERT_NE(command->run, nullptr) << command->name;
    const std::string help = CommandHelp(*command, console);
    EXPECT_TRUE(help.starts_with("Examples\n  ")) << help;
    for (const FlagSpec& flag : command->flags) EXPECT_THAT(help, HasSubstr(flag.name));
    EXPECT_THAT(OverviewHelp(console), HasSubstr(command->summary.substr(0, 20)));
  }
}

TEST(CliPage, IsMadeFromTheTable) {
  EXPECT_EQ(testing::ReadFile(std::filesystem::path(SESHAT_SOURCE_DIR) / "docs/cli.md"), CliAsMarkdown())
      << "make it anew: seshat help --markdown > docs/cli.md";
}

TEST(ExitCodes, AreOneTable) {
  EXPECT_EQ(ExitCodeOf(ErrorCode::kInvalidArgument), ExitCode::kUsage);
  EXPECT_EQ(ExitCodeOf(ErrorCode::kUnauthenticated), ExitCode::kCredentials);
  EXPECT_EQ(ExitCodeOf(ErrorCode::kPermissionDenied), ExitCode::kCredentials);
  EXPECT_EQ(ExitCodeOf(ErrorCode::kUnavailable), ExitCode::kTryLater);
  EXPECT_EQ(ExitCodeOf(ErrorCode::kArchived), ExitCode::kTryLater);
  EXPECT_EQ(ExitCodeOf(ErrorCode::kDataLoss), ExitCode::kIntegrity);
  EXPECT_EQ(ExitCodeOf(ErrorCode::kNotFound), ExitCode::kNotFound);
  EXPECT_EQ(ExitCodeOf(ErrorCode::kInternal), ExitCode::kFailed);
}

}  // namespace
}  // namespace seshat::cli
