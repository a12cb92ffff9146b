// The configuration as it is in effect: every setting with its value and where that came from.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "composition/config/settings.h"
#include "core/base/error.h"

namespace seshat::composition {

// Durations in milliseconds (-1 is "never"), sizes in bytes, bandwidths in bytes per second (0 is "unlimited").
using SettingValue = std::variant<bool, int64_t, std::string, std::vector<std::string>>;

struct EffectiveSetting {
  const SettingSpec* spec = nullptr;
  SettingValue value;
  std::string origin;  // "default", "seshat.toml:12", "environment SESHAT_STORE__URL", "flag --store"
};

// A value in text, as a flag or a variable gives it.
struct Assignment {
  std::string path;
  std::string text;
  std::string origin;
};

// Everything that configuration is made of. Nothing else is looked at.
struct ConfigInputs {
  std::vector<std::filesystem::path> files;                      // read where they exist, in this order
  std::vector<std::filesystem::path> required_files;             // then these
  std::vector<std::pair<std::string, std::string>> environment;  // of the whole process
  std::vector<Assignment> flags;
  std::filesystem::path working_directory;
};

// The usual files and the environment of this process.
ConfigInputs ProcessConfigInputs();

class Config {
 public:
  // By the full path ("sources.lab.path"); asking for a path or type that the table lacks ends the program.
  const std::string& Text(std::string_view path) const;
  bool Switch(std::string_view path) const;
  uint64_t Number(std::string_view path) const;  // counts, sizes, bandwidths
  std::chrono::milliseconds Duration(std::string_view path) const;
  std::optional<std::chrono::milliseconds> DurationOrNever(std::string_view path) const;
  const std::vector<std::string>& Texts(std::string_view path) const;

  // The names that are there of a group: Names("sources").
  std::vector<std::string> Names(std::string_view group) const;

  const std::map<std::string, EffectiveSetting>& settings() const { return settings_; }

 private:
  friend class ConfigLoader;
  const SettingValue& Value(std::string_view path) const;
  std::map<std::string, EffectiveSetting> settings_;
};

struct ConfigProblem {
  std::string where;  // "seshat.toml:12", "environment SESHAT_X", "flag --set"
  std::string what;
  std::string ToString() const { return where + ": " + what; }
};

struct LoadedConfig {
  Config config;
  std::vector<std::string> files_read;
  std::vector<ConfigProblem> problems;  // empty: the configuration can be used
};

// Never fails as such: what is wrong is in `problems`, all of it.
LoadedConfig LoadConfig(const ConfigInputs& inputs);

// kInvalidArgument holding every problem, a line each, where there are any.
Result<Config> LoadUsableConfig(const ConfigInputs& inputs);

// A value as TOML would write it.
std::string FormatSetting(const SettingSpec& spec, const SettingValue& value);

struct AdapterUrl {
  std::string scheme;  // "file"
  std::string rest;    // what follows "://": "/srv/store"
};
// kInvalidArgument for anything but scheme://…, and for credentials, which the message does not repeat.
Result<AdapterUrl> ParseAdapterUrl(std::string_view url);

}  // namespace seshat::composition
