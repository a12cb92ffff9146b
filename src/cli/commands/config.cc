#include "composition/config/config.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "cli/commands/commands.h"
#include "cli/commands/common.h"
#include "cli/invocation.h"
#include "composition/directories.h"
#include "core/base/utf8.h"

namespace seshat::cli {
namespace {

boost::json::value JsonOf(const composition::SettingValue& value) {
  return std::visit([](const auto& v) { return boost::json::value_from(v); }, value);
}

void ShowText(Console& console, const composition::Config& config, bool origin) {
  TextTable table({"SETTING", "VALUE", "ORIGIN"});
  for (const auto& [path, setting] : config.settings()) {
    const std::string value = EscapeForTerminal(composition::FormatSetting(*setting.spec, setting.value));
    if (origin) {
      table.Add({path, value, EscapeForTerminal(setting.origin)});
    } else {
      console.PrintLine(fmt::format("{} = {}", path, value));
    }
  }
  if (origin) console.Print(table.ToString());
}

void ShowJson(Console& console, const composition::LoadedConfig& loaded) {
  boost::json::object settings;
  for (const auto& [path, setting] : loaded.config.settings())
    settings[path] = {{"value", JsonOf(setting.value)},
                      {"text", composition::FormatSetting(*setting.spec, setting.value)},
                      {"origin", setting.origin}};
  boost::json::array problems;
  for (const composition::ConfigProblem& problem : loaded.problems)
    problems.push_back({{"where", problem.where}, {"what", problem.what}});
  const boost::json::object all{{"files", boost::json::value_from(loaded.files_read)},
                                {"settings", std::move(settings)},
                                {"problems", std::move(problems)}};
  PrintJson(console, all);
}

Result<ExitCode> Run(Invocation& invocation) {
  Console& console = invocation.console();
  const std::string action = invocation.arguments().empty() ? "show" : invocation.arguments().front();
  if (action == "template") {
    console.Print(invocation.Has("--markdown") ? composition::SettingsAsMarkdown() : composition::SettingsAsToml());
    return ExitCode::kOk;
  }
  composition::LoadedConfig loaded = composition::LoadConfig(invocation.config_inputs());
  if (action == "check" && loaded.problems.empty()) {
    if (const auto apart = composition::CheckDirectories(loaded.config); !apart)
      loaded.problems.push_back({"directories", apart.error().message});
  }
  if (invocation.json()) ShowJson(console, loaded);
  for (const composition::ConfigProblem& problem : loaded.problems)
    console.PrintError(EscapeForTerminal(problem.ToString()));
  if (!loaded.problems.empty()) return ExitCode::kUsage;
  if (!invocation.json() && action == "show") ShowText(console, loaded.config, invocation.Has("--origin"));
  if (action == "check") {
    if (loaded.files_read.empty()) console.Note("no configuration file was found; the defaults are in effect");
    for (const std::string& file : loaded.files_read) console.Note(fmt::format("read {}", EscapeForTerminal(file)));
    if (!invocation.json()) console.PrintLine("the configuration is good");
  }
  return ExitCode::kOk;
}

}  // namespace

const Command kConfigCommand{
    .name = "config",
    .summary = "Show or check the configuration.",
    .description = "docs/configuration.md explains every setting.",
    .examples = {{"seshat config show --origin", "every value in effect, and where it came from"},
                 {"seshat config check", "find mistakes in files, environment and flags"},
                 {"seshat config template > seshat.toml", "a file with every setting, commented out"}},
    .arguments = {{"action", "What to do; show where it is left out.", false, false, "show|check|template"}},
    .flags = {{"--origin", "", "With show: also where each value came from."},
              {"--markdown", "", "With template: as a page of documentation."}},
    .json = {{"files", "array", "configuration files that were read, in order"},
             {"settings", "object", "by their full names: value, text (as TOML writes it), origin"},
             {"problems", "array", "where and what; empty when the configuration can be used"}},
    .run = Run,
};

}  // namespace seshat::cli
