// Every setting there is, once. Parsing, errors, `config show`, the commented seshat.toml and
// docs/configuration.md are all made from this table.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace seshat::composition {

enum class SettingType {
  kText,
  kPath,      // "~/" and $VARIABLES are replaced; relative to the file that says it, or to where one stands
  kUrl,       // as kPath behind file:// and sqlite://; credentials are refused; empty only where that is the default
  kSwitch,    // true, false
  kCount,     // whole number ≥ 0
  kDuration,  // units.h
  kDurationOrNever,
  kSize,
  kBandwidth,
  kTexts,   // array of texts; a single text stands for an array of one
  kChoice,  // one of `choices`
};

struct SettingSpec {
  // "store.url"; "sources.*.path", where * is a name that the user chooses; "search.aliases.*", where * is any
  // key at all.
  std::string_view path;
  SettingType type;
  std::string_view default_value;  // a TOML literal, or empty: must be set where its section is there
  std::string_view help;           // whole sentences; line breaks are made later
  std::string_view choices = {};   // kChoice: "auto|human|json"
};

struct SectionSpec {
  std::string_view path;  // "store", "sources.*"; empty: the settings above all sections
  std::string_view help;
  std::string_view example;  // of the name, for "sources.*": "lab"
};

std::span<const SettingSpec> AllSettings();
std::span<const SectionSpec> AllSections();

// The table's entry for a path as users write it ("sources.lab.path"), or null.
const SettingSpec* FindSetting(std::string_view path);
// True for "search.aliases.*".
bool IsOpenEnded(const SettingSpec& spec);
// "sources" and "processors".
bool IsNamedGroup(std::string_view section);

// seshat.toml with everything commented out, and docs/configuration.md.
std::string SettingsAsToml();
std::string SettingsAsMarkdown();

std::string_view SettingTypeName(SettingType type);  // for people: "duration"

}  // namespace seshat::composition
