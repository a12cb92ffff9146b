#include "composition/config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "composition/config/toml_file.h"
#include "core/base/toml_text.h"
#include "support/temp_dir.h"

namespace seshat::composition {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::TempDir;

class ConfigTest : public ::testing::Test {
 protected:
  ConfigTest() {
    inputs_.environment = {{"HOME", "/home/ada"}, {"PATH", "/usr/bin"}};
    inputs_.working_directory = "/somewhere";
  }

  void File(const std::string& text) {
    const auto path = directory_ / ("seshat-" + std::to_string(inputs_.files.size()) + ".toml");
    testing::WriteFile(path, text);
    inputs_.files.push_back(path);
  }
  void Flag(const std::string& path, const std::string& text) { inputs_.flags.push_back({path, text, "flag --set"}); }

  std::string OnlyProblem() {
    const LoadedConfig loaded = LoadConfig(inputs_);
    EXPECT_EQ(loaded.problems.size(), 1U);
    return loaded.problems.empty() ? "" : loaded.problems.front().ToString();
  }
  Config Good() {
    LoadedConfig loaded = LoadConfig(inputs_);
    for (const auto& problem : loaded.problems) ADD_FAILURE() << problem.ToString();
    return std::move(loaded.config);
  }

  TempDir directory_;
  ConfigInputs inputs_;
};

TEST_F(ConfigTest, WithoutAnythingEverySettingHasItsDefault) {
  const Config config = Good();
  EXPECT_EQ(config.Text("state_dir"), "/home/ada/.local/state/seshat");
  EXPECT_EQ(config.Text("store.url"), "file:///home/ada/.local/share/seshat/store");
  EXPECT_EQ(config.Text("bus.url"), "sqlite:///home/ada/.local/state/seshat/bus.db");
  EXPECT_EQ(config.Duration("agent.heartbeat"), std::chrono::minutes(1));
  EXPECT_TRUE(config.Names("sources").empty());
  for (const auto& [path, setting] : config.settings()) EXPECT_EQ(setting.origin, "default") << path;
}

TEST_F(ConfigTest, FollowsTheXdgDirectoriesAndLivesWithoutAHome) {
  inputs_.environment = {{"XDG_DATA_HOME", "/data"}, {"XDG_STATE_HOME", "relative-is-ignored"}};
  EXPECT_EQ(Good().Text("store.url"), "file:///data/seshat/store");
  EXPECT_EQ(Good().Text("state_dir"), "/var/lib/seshat");
}

TEST_F(ConfigTest, LaterLayersWinAndEveryValueKnowsItsOrigin) {
  File("[agent]\nhost = \"one\"\nheartbeat = \"2m\"\nactive_sessions = 3\n");
  File("[agent]\nhost = \"two\"\nheartbeat = \"3m\"\n");
  EXPECT_EQ(Good().Text("agent.host"), "two");
  inputs_.environment.emplace_back("SESHAT_AGENT__HOST", "three");
  EXPECT_EQ(Good().Text("agent.host"), "three");
  Flag("agent.host", "four");
  const Config config = Good();
  EXPECT_EQ(config.Text("agent.host"), "four");
  EXPECT_EQ(config.settings().at("agent.host").origin, "flag --set");
  EXPECT_EQ(config.settings().at("agent.heartbeat").origin, inputs_.files[1].string() + ":3");
  EXPECT_EQ(config.settings().at("agent.active_sessions").origin, inputs_.files[0].string() + ":4");
  EXPECT_EQ(config.settings().at("agent.hints").origin, "default");
}

TEST_F(ConfigTest, ReadsSourcesAndProcessors) {
  File(R"(
[sources.lab-1]
path = "/srv/lab"
bandwidth = "20MB/s"
delete.after = "30d"
schedule.blackout = ["mon-fri 08:00-18:00"]
[sources.lab-1.complete]
quiet = "5s"
marker = "DONE"
[processors.stats]
command = ["/opt/stats", "{input}"]
match = "*.csv"
memory = "512MiB"
)");
  const Config config = Good();
  EXPECT_THAT(config.Names("sources"), ElementsAre("lab-1"));
  EXPECT_THAT(config.Names("processors"), ElementsAre("stats"));
  EXPECT_EQ(config.Text("sources.lab-1.path"), "/srv/lab");
  EXPECT_EQ(config.Number("sources.lab-1.bandwidth"), 20'000'000U);
  EXPECT_EQ(config.DurationOrNever("sources.lab-1.delete.after"), std::chrono::hours(30 * 24));
  EXPECT_EQ(config.Duration("sources.lab-1.complete.quiet"), std::chrono::seconds(5));
  EXPECT_EQ(config.Text("sources.lab-1.complete.marker"), "DONE");
  EXPECT_FALSE(config.Switch("sources.lab-1.complete.metadata"));
  EXPECT_THAT(config.Texts("processors.stats.match"), ElementsAre("*.csv"));
  EXPECT_THAT(config.Texts("processors.stats.command"), ElementsAre("/opt/stats", "{input}"));
  EXPECT_EQ(config.Number("processors.stats.memory"), 512U << 20);
}

TEST_F(ConfigTest, NeverIsTheDefaultForDeleting) {
  File("[sources.a]\npath = \"/a\"\n");
  EXPECT_EQ(Good().DurationOrNever("sources.a.delete.after"), std::nullopt);
}

TEST_F(ConfigTest, EnvironmentAndFlagsNameSourcesToo) {
  inputs_.environment.emplace_back("SESHAT_SOURCES__RIG__PATH", "/srv/rig");
  inputs_.environment.emplace_back("SESHAT_SOURCES__RIG__COMPLETE__QUIET", "4s");
  Flag("sources.other.path", "relative");
  Flag("sources.other.complete.expected", R"(["a", "b,c"])");
  const Config config = Good();
  EXPECT_THAT(config.Names("sources"), ElementsAre("other", "rig"));
  EXPECT_EQ(config.Duration("sources.rig.complete.quiet"), std::chrono::seconds(4));
  EXPECT_EQ(config.Text("sources.other.path"), "/somewhere/relative");
  EXPECT_THAT(config.Texts("sources.other.complete.expected"), ElementsAre("a", "b,c"));
}

TEST_F(ConfigTest, VariablesOfOthersAreLeftAlone) {
  inputs_.environment.emplace_back("SESHAT_SHARED", "/x");
  inputs_.environment.emplace_back("SESHAT_STATE_DIR", "/state");
  EXPECT_EQ(Good().Text("state_dir"), "/state");
  EXPECT_EQ(Good().Text("bus.url"), "sqlite:///state/bus.db");
}

TEST_F(ConfigTest, RelativePathsCountFromTheirFile) {
  File("state_dir = \"state\"\n[sources.a]\npath = \"../lab/\"\n[sources.b]\npath = \"~/lab\"\n");
  const Config config = Good();
  EXPECT_EQ(config.Text("state_dir"), (directory_ / "state").string());
  EXPECT_EQ(config.Text("sources.a.path"), (directory_.path().parent_path() / "lab").string());
  EXPECT_EQ(config.Text("sources.b.path"), "/home/ada/lab");
}

TEST_F(ConfigTest, UnknownKeysNameFileLineAndTheLikelyMeaning) {
  File("\n[agent]\nhsot = \"x\"\n");
  EXPECT_EQ(OnlyProblem(),
            inputs_.files[0].string() + ":3: there is no setting 'agent.hsot'; did you mean 'agent.host'?");
}

TEST_F(ConfigTest, UnknownKeysOfNamedSectionsToo) {
  File("[sources.lab]\npath = \"/a\"\ncomplete.quite = \"3s\"\n");
  EXPECT_THAT(OnlyProblem(), HasSubstr(":3: there is no setting 'sources.lab.complete.quite'; did you mean "
                                       "'sources.lab.complete.quiet'?"));
}

TEST_F(ConfigTest, AnUnknownSectionIsOneProblemNotOneForEachKey) {
  File("[observabilty]\nlog_level = \"info\"\nlog_format = \"json\"\n");
  EXPECT_THAT(OnlyProblem(), HasSubstr(":1: there is no section [observabilty]; did you mean 'observability'?"));
}

TEST_F(ConfigTest, UnknownVariablesAndFlagsNameThemselves) {
  inputs_.environment.emplace_back("SESHAT_STORE__ULR", "x");
  EXPECT_EQ(OnlyProblem(), "environment SESHAT_STORE__ULR: there is no setting 'store.ulr'; did you mean 'store.url'?");
  inputs_.environment.clear();
  Flag("sotre.url", "x");
  EXPECT_THAT(OnlyProblem(), HasSubstr("flag --set: there is no setting 'sotre.url'; did you mean 'store.url'?"));
}

TEST_F(ConfigTest, BadValuesNameFileLineSettingAndWhatIsWanted) {
  const std::pair<const char*, const char*> cases[]{
      {"[agent]\nheartbeat = 60", ":2: agent.heartbeat: expected a duration here with its unit, such as \"60s\""},
      {"[agent]\nheartbeat = \"soon\"", ":2: agent.heartbeat: 'soon' is no duration (like 30s, 5m, 1h30m, 7d)"},
      {"[agent]\nhints = \"yes\"", ":2: agent.hints: expected a true or false here, without quotes"},
      {"[agent]\nactive_sessions = -1", ":2: agent.active_sessions: expected a number here"},
      {"[agent]\nactive_sessions = 1.5", ":2: agent.active_sessions: expected a number here"},
      {"[agent]\nhost = [1]", ":2: agent.host: expected a text here"},
      {"[observability]\nlog_level = \"infos\"",
       ":2: observability.log_level: 'infos' is none of: trace, debug, info, warning, error; did you mean 'info'?"},
      {"[store]\nurl = \"/srv/store\"", ":2: store.url: expected a URL such as \"file:///srv/seshat\""},
      {"[sources.a]\npath = \"/a\"\nbandwidth = \"20\"", ":3: sources.a.bandwidth: '20' is no bandwidth"},
      {"[sources.\"a b\"]\npath = \"/a\"", ":1: "},
      {"[sources.\"a.b\"]\npath = \"/a\"", ":1: the name in [sources.a.b] may not hold a '.'"},
      {"[sources.a]\nbandwidth = \"1MB/s\"", ":1: sources.a.path must be set"},
      {"[processors.a]\nversion = \"1\"", ":1: processors.a.command must be set"},
      {"state_dir = \"$NOWHERE/x\"", ":1: $NOWHERE is not known here"},
  };
  for (const auto& [text, wanted] : cases) {
    inputs_.files.clear();
    File(text);
    const std::string problem = OnlyProblem();
    EXPECT_THAT(problem, HasSubstr(inputs_.files[0].string() + std::string(wanted))) << text;
  }
}

TEST_F(ConfigTest, EveryProblemIsToldAtOnce) {
  File("[agent]\nhsot = \"x\"\nheartbeat = 3\n[nothing]\nx = 1\n");
  EXPECT_EQ(LoadConfig(inputs_).problems.size(), 3U);
  const auto config = LoadUsableConfig(inputs_);
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(config.error().message, HasSubstr("agent.heartbeat"));
}

TEST_F(ConfigTest, SyntaxErrorsNameTheLine) {
  File("[agent]\nhost = \n");
  EXPECT_THAT(OnlyProblem(), HasSubstr("line 2"));
}

TEST_F(ConfigTest, OnlyRequiredFilesMustExist) {
  inputs_.files.emplace_back("/nonexistent/seshat.toml");
  EXPECT_TRUE(LoadConfig(inputs_).problems.empty());
  inputs_.required_files.emplace_back("/nonexistent/mine.toml");
  EXPECT_THAT(OnlyProblem(), HasSubstr("/nonexistent/mine.toml: "));
  inputs_.required_files = {directory_.path()};
  EXPECT_THAT(OnlyProblem(), HasSubstr("is a directory"));
}

TEST_F(ConfigTest, CredentialsInUrlsAreRefusedAndNotRepeated) {
  File("[store]\nurl = \"file://user:planted@host/srv\"\n");
  const std::string problem = OnlyProblem();
  EXPECT_THAT(problem, HasSubstr("holds credentials"));
  EXPECT_THAT(problem, Not(HasSubstr("planted")));
  const LoadedConfig loaded = LoadConfig(inputs_);
  for (const auto& [path, setting] : loaded.config.settings())
    EXPECT_THAT(FormatSetting(*setting.spec, setting.value), Not(HasSubstr("planted")));
}

TEST(AdapterUrl, HasASchemeAndARest) {
  const auto url = ParseAdapterUrl("file:///srv/a@b");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->scheme, "file");
  EXPECT_EQ(url->rest, "/srv/a@b");
  for (const char* text : {"", "x", "://x", "file:/x"})
    EXPECT_EQ(ParseAdapterUrl(text).error().code, ErrorCode::kInvalidArgument) << text;
}

// "command" of "processors.*.command", "log_level" of "observability.log_level", "KEY" where any name may stand.
std::string NameInItsSection(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('.') + 1);
  return name == "*" ? "KEY" : std::string(path.contains(".*.") ? path.substr(path.find(".*.") + 3) : name);
}

TEST(Settings, EveryOneIsExplainedOnceAndInASection) {
  std::set<std::string_view> paths;
  for (const SettingSpec& setting : AllSettings()) {
    EXPECT_TRUE(paths.insert(setting.path).second) << setting.path;
    EXPECT_TRUE(setting.help.ends_with('.') || setting.help.ends_with("\".")) << setting.path;
    EXPECT_EQ(setting.type == SettingType::kChoice, !setting.choices.empty()) << setting.path;
    EXPECT_TRUE(SettingsAsMarkdown().contains("| `" + NameInItsSection(setting.path) + "` |")) << setting.path;
  }
}

// The file with the '#' of every setting taken away.
std::string Uncommented(const std::string& toml) {
  std::istringstream lines(toml);
  std::string out;
  for (std::string line; std::getline(lines, line);)
    out += (line.starts_with("#") && !line.starts_with("# ") ? line.substr(1) : line) + "\n";
  return out;
}

TEST(SeshatToml, IsAllCommentsAndItsDefaultsAreTheTables) {
  const std::string file = testing::ReadFile(std::filesystem::path(SESHAT_SOURCE_DIR) / "seshat.toml");
  EXPECT_EQ(file, SettingsAsToml()) << "make it anew: seshat config template > seshat.toml";
  const auto commented = ParseToml(file);
  ASSERT_TRUE(commented) << commented.error().message;
  EXPECT_TRUE(commented->empty());

  TempDir directory;
  testing::WriteFile(directory / "all.toml", Uncommented(file));
  ConfigInputs inputs;
  inputs.environment = {{"HOME", "/home/ada"}};
  const LoadedConfig defaults = LoadConfig(inputs);
  inputs.files = {directory / "all.toml"};
  const LoadedConfig all = LoadConfig(inputs);
  for (const auto& problem : all.problems) ADD_FAILURE() << problem.ToString();
  size_t from_file = 0;
  for (const auto& [path, setting] : all.config.settings()) {
    if (setting.origin != "default") ++from_file;
    const auto plain = defaults.config.settings().find(path);
    if (plain == defaults.config.settings().end()) continue;
    EXPECT_EQ(setting.value, plain->second.value) << path;
  }
  EXPECT_EQ(from_file, AllSettings().size());
}

TEST(ConfigurationPage, IsMadeFromTheTable) {
  EXPECT_EQ(testing::ReadFile(std::filesystem::path(SESHAT_SOURCE_DIR) / "docs/configuration.md"), SettingsAsMarkdown())
      << "make it anew: seshat config template --markdown > docs/configuration.md";
}

TEST(TomlString, IsReadBackAsItWas) {
  const std::string hostile("a\"b\\c\n\x7f\t é", 11);
  const auto value = ParseTomlValue(TomlString(hostile));
  ASSERT_TRUE(value);
  EXPECT_EQ(std::get<std::string>(*value), hostile);
}

}  // namespace
}  // namespace seshat::composition
