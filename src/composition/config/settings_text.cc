// The table as seshat.toml and as a page of the documentation.
#include <fmt/format.h>

#include "composition/config/settings.h"

namespace seshat::composition {
namespace {

std::string Wrap(std::string_view text, std::string_view prefix, size_t width) {
  std::string out;
  std::string line(prefix);
  bool empty = true;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!empty && line.size() + 1 + word.size() > width) {
      out += line + "\n";
      line = prefix;
      empty = true;
    }
    if (!empty) line += ' ';
    line += word;
    empty = false;
  }
  return out + line + "\n";
}

std::string_view SectionOf(const SettingSpec& setting) {
  if (setting.path.find('.') == std::string_view::npos) return "";
  for (const SectionSpec& section : AllSections()) {
    if (!section.path.empty() && setting.path.starts_with(section.path) &&
        setting.path.substr(section.path.size()).starts_with('.'))
      return section.path;
  }
  return "";
}

std::string_view NameInSection(const SettingSpec& setting, const SectionSpec& section) {
  if (IsOpenEnded(setting)) return "temperature";
  return section.path.empty() ? setting.path : setting.path.substr(section.path.size() + 1);
}

// What stands in the file where the user must choose.
std::string_view ExampleValue(const SettingSpec& setting) {
  if (setting.path == "sources.*.path") return R"("/srv/lab")";
  if (setting.path == "processors.*.command") return R"(["seshat-statistics", "{input}", "{output}"])";
  if (setting.path == "search.aliases.*") return R"(["temp_C", "Temp"])";
  return R"("")";
}

std::string SectionHeader(const SectionSpec& section) {
  const size_t star = section.path.find('*');
  if (star == std::string_view::npos) return std::string(section.path);
  return std::string(section.path.substr(0, star)) + std::string(section.example);
}

std::string ChoicesText(const SettingSpec& setting) {
  if (setting.choices.empty()) return "";
  std::string choices(setting.choices);
  for (size_t at = choices.find('|'); at != std::string::npos; at = choices.find('|', at + 2))
    choices.replace(at, 1, ", ");
  return " One of: " + choices + ".";
}

}  // namespace

std::string SettingsAsToml() {
  std::string out =
      "# Seshat's configuration, with every setting and its default. Take the '#' away from what you change.\n"
      "#\n"
      "# Read in this order, the later one wins: /etc/seshat/seshat.toml, $XDG_CONFIG_HOME/seshat/seshat.toml,\n"
      "# ./seshat.toml, --config FILE, the environment (SESHAT_STORE__URL for store.url,\n"
      "# SESHAT_SOURCES__LAB__PATH for sources.lab.path), flags. `seshat config show --origin` tells where each\n"
      "# value came from, `seshat config check` finds mistakes. This file is made by `seshat config template`.\n";
  for (const SectionSpec& section : AllSections()) {
    out += "\n" + Wrap(section.help, "# ", 110);
    if (!section.path.empty()) out += fmt::format("#[{}]\n", SectionHeader(section));
    for (const SettingSpec& setting : AllSettings()) {
      if (SectionOf(setting) != section.path) continue;
      out += "\n" + Wrap(std::string(setting.help) + ChoicesText(setting), "# ", 110);
      const bool required = setting.default_value.empty();
      out += fmt::format("#{} = {}{}\n", NameInSection(setting, section),
                         required ? ExampleValue(setting) : setting.default_value,
                         required && !IsOpenEnded(setting) ? "  # must be set" : "");
    }
  }
  return out;
}

std::string SettingsAsMarkdown() {
  std::string out =
      "# Configuration\n\n"
      "Nothing needs to be configured: `seshat up --source DIR` runs with the defaults below. This page is made by\n"
      "`seshat config template --markdown` from the table that the program itself uses.\n\n"
      "Values are read in this order, and the later one wins: `/etc/seshat/seshat.toml`,\n"
      "`$XDG_CONFIG_HOME/seshat/seshat.toml`, `./seshat.toml`, `--config FILE`, the environment, flags. In the\n"
      "environment, `store.url` is `SESHAT_STORE__URL` and `sources.lab.path` is `SESHAT_SOURCES__LAB__PATH`; as a\n"
      "flag, any setting is `--set store.url=file:///srv/seshat`. An unknown key is an error that says where it\n"
      "stands and what may have been meant.\n\n"
      "- Durations: `250ms`, `30s`, `5m`, `1h30m`, `7d`. Sizes: `512KiB`, `8MiB`, `2GB`. Bandwidths: `20MB/s`,\n"
      "  `unlimited`.\n"
      "- Paths and URLs: `~/`, `$HOME`, `$XDG_DATA_HOME`, `$XDG_STATE_HOME` and `$STATE_DIR` are replaced; a\n"
      "  relative path counts from the directory of the file that says it.\n"
      "- URLs never hold credentials.\n"
      "- Patterns of files: `*` and `?` stay within a name, `**` crosses folders, `**/` also matches nothing, `[a-z]` is "
      "one of\n"
      "  these bytes, `[!a-z]` and `[^a-z]` none of them, `\\` takes the next byte as it is. Without a `/` a pattern is "
      "held\n"
      "  against a file's name in any folder, with one against the path within the session; a `/` at the beginning "
      "is the\n"
      "  session's own folder: `/*.csv` takes the files at the top only. A malformed pattern stops the start.\n";
  for (const SectionSpec& section : AllSections()) {
    std::string title = section.path.empty() ? "Top level" : fmt::format("[{}]", section.path);
    if (const size_t star = title.find('*'); star != std::string::npos) title.replace(star, 1, "NAME");
    out += fmt::format("\n## {}\n\n{}\n\n| setting | type | default | meaning |\n|---|---|---|---|\n", title,
                       section.help);
    for (const SettingSpec& setting : AllSettings()) {
      if (SectionOf(setting) != section.path) continue;
      std::string help = std::string(setting.help) + ChoicesText(setting);
      for (size_t at = help.find('|'); at != std::string::npos; at = help.find('|', at + 2)) help.insert(at, 1, '\\');
      const std::string absent = IsOpenEnded(setting) ? "none" : "must be set";
      out += fmt::format("| `{}` | {} | {} | {} |\n", IsOpenEnded(setting) ? "KEY" : NameInSection(setting, section),
                         SettingTypeName(setting.type),
                         setting.default_value.empty() ? absent : fmt::format("`{}`", setting.default_value), help);
    }
  }
  return out;
}

}  // namespace seshat::composition
