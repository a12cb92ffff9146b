// Puts the layers of the configuration on top of each other.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "composition/config/config.h"
#include "composition/config/setting_value.h"
#include "composition/config/toml_file.h"
#include "core/base/nearest_name.h"
#include "core/records/session_id.h"

namespace seshat::composition {
namespace {

std::string Variable(const ConfigInputs& inputs, std::string_view name) {
  for (const auto& [key, value] : inputs.environment) {
    if (key == name) return value;
  }
  return "";
}

// The sibling keys that a mistyped path may have meant, with the user's own name put for '*'.
std::vector<std::string> Candidates(std::string_view path) {
  std::vector<std::string> candidates;
  const size_t first = path.find('.');
  const size_t second = first == std::string_view::npos ? first : path.find('.', first + 1);
  for (const SettingSpec& spec : AllSettings()) {
    if (IsOpenEnded(spec)) continue;
    std::string candidate(spec.path);
    if (const size_t star = candidate.find('*'); star != std::string::npos) {
      if (second == std::string_view::npos) continue;
      candidate.replace(star, 1, path.substr(first + 1, second - first - 1));
    }
    candidates.push_back(std::move(candidate));
  }
  return candidates;
}

}  // namespace

class ConfigLoader {
 public:
  explicit ConfigLoader(const ConfigInputs& inputs) : inputs_(inputs) {}

  LoadedConfig Load() {
    Defaults();
    for (const auto& file : inputs_.files) ReadFile(file, false);
    for (const auto& file : inputs_.required_files) ReadFile(file, true);
    Environment();
    for (const Assignment& flag : inputs_.flags) {
      if (const SettingSpec* spec = Lookup(flag.path, flag.origin)) ApplyText(*spec, flag);
    }
    CompleteGroups();
    ExpandAll();
    return std::move(loaded_);
  }

 private:
  void Problem(const std::string& where, std::string what) { loaded_.problems.push_back({where, std::move(what)}); }

  void Defaults() {
    for (const SettingSpec& spec : AllSettings()) {
      if (spec.path.find('*') == std::string_view::npos) ApplyDefault(spec, std::string(spec.path));
    }
  }

  void ApplyDefault(const SettingSpec& spec, const std::string& path) {
    // The table is tested as a whole, so every default is a TOML value of its setting's type.
    const auto raw = ParseTomlValue(spec.default_value);
    if (!raw) return Problem("default", fmt::format("{}: {}", path, raw.error().message));
    auto value = ConvertSetting(spec, *raw);
    if (!value) return Problem("default", fmt::format("{}: {}", path, value.error().message));
    Set(spec, path, std::move(*value), "default", inputs_.working_directory);
  }

  void Set(const SettingSpec& spec, const std::string& path, SettingValue value, std::string origin,
           std::filesystem::path base) {
    loaded_.config.settings_[path] = {&spec, std::move(value), std::move(origin)};
    bases_[path] = std::move(base);
  }

  const SettingSpec* Lookup(const std::string& path, const std::string& where) {
    const SettingSpec* spec = FindSetting(path);
    if (spec == nullptr) {
      Problem(where, fmt::format("there is no setting '{}'{}", path, DidYouMean(path, Candidates(path))));
      return nullptr;
    }
    if (spec->path.find('*') == std::string_view::npos || IsOpenEnded(*spec)) return spec;
    const size_t first = path.find('.');
    const std::string name = path.substr(first + 1, path.find('.', first + 1) - first - 1);
    if (!NoteName(path.substr(0, first), name, where)) return nullptr;
    return spec;
  }

  bool NoteName(const std::string& group, const std::string& name, const std::string& where) {
    if (auto valid = records::CheckName(group == "sources" ? "source" : "processor", name); !valid) {
      Problem(where, valid.error().message);
      return false;
    }
    groups_.try_emplace({group, name}, where);
    return true;
  }

  void ReadFile(const std::filesystem::path& file, bool required) {
    std::string name = file.string();
    auto text = ReadConfigFile(file);
    if (!text && text.error().code == ErrorCode::kNotFound && !required) return;
    if (!text) return Problem(name, text.error().message);
    loaded_.files_read.push_back(name);
    auto settings = ParseToml(*text);
    if (!settings) return Problem(name, settings.error().message);
    const auto base = std::filesystem::absolute(file).parent_path();
    std::string unknown_section;
    for (const RawSetting& raw : *settings) {
      const std::string where = fmt::format("{}:{}", name, raw.line);
      if (!unknown_section.empty() && raw.path.starts_with(unknown_section)) continue;
      if (raw.is_table) {
        if (!CheckTable(raw, where)) unknown_section = raw.path + ".";
        continue;
      }
      ApplyRaw(raw, where, base);
    }
  }

  // One message for an unknown section, not one for each key in it.
  bool CheckTable(const RawSetting& raw, const std::string& where) {
    std::vector<std::string> known;
    for (const SettingSpec& spec : AllSettings()) {
      const std::string_view path = spec.path;
      for (size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1))
        known.emplace_back(path.substr(0, dot));
    }
    std::string pattern = raw.path;
    const size_t first = pattern.find('.');
    if (first != std::string::npos && IsNamedGroup(pattern.substr(0, first))) {
      const size_t second = pattern.find('.', first + 1);
      const std::string name = pattern.substr(first + 1, second - first - 1);
      if (raw.dotted_name) {
        Problem(where, fmt::format("the name in [{}] may not hold a '.'", raw.path));
        return false;
      }
      if (!NoteName(pattern.substr(0, first), name, where)) return false;
      pattern.replace(first + 1, name.size(), "*");
    }
    if (std::ranges::find(known, pattern) != known.end()) return true;
    Problem(where, fmt::format("there is no section [{}]{}", raw.path, DidYouMean(raw.path, known)));
    return false;
  }

  void ApplyRaw(const RawSetting& raw, const std::string& where, const std::filesystem::path& base) {
    const SettingSpec* spec = Lookup(raw.path, where);
    if (spec == nullptr) return;
    auto value = ConvertSetting(*spec, raw.value);
    if (!value) return Problem(where, fmt::format("{}: {}", raw.path, value.error().message));
    Set(*spec, raw.path, std::move(*value), where, base);
  }

  void ApplyText(const SettingSpec& spec, const Assignment& assignment) {
    auto value = ParseSetting(spec, assignment.text);
    if (!value) return Problem(assignment.origin, fmt::format("{}: {}", assignment.path, value.error().message));
    Set(spec, assignment.path, std::move(*value), assignment.origin, inputs_.working_directory);
  }

  void Environment() {
    for (const auto& [name, text] : inputs_.environment) {
      if (!name.starts_with("SESHAT_")) continue;
      std::string path;
      for (size_t i = 7; i < name.size(); ++i) {
        if (name[i] == '_' && i + 1 < name.size() && name[i + 1] == '_') {
          path += '.';
          ++i;
        } else {
          path += static_cast<char>(std::tolower(static_cast<unsigned char>(name[i])));
        }
      }
      // SESHAT_SHARED and the like belong to tests and scripts: only a name with a section is surely meant for
      // us.
      if (path.find('.') == std::string::npos && FindSetting(path) == nullptr) continue;
      const Assignment assignment{path, text, "environment " + name};
      if (const SettingSpec* spec = Lookup(path, assignment.origin)) ApplyText(*spec, assignment);
    }
  }

  void CompleteGroups() {
    for (const auto& [group_and_name, where] : groups_) {
      for (const SettingSpec& spec : AllSettings()) {
        const std::string group_prefix = group_and_name.first + ".*.";
        if (!spec.path.starts_with(group_prefix)) continue;
        const std::string path =
            fmt::format("{}.{}.{}", group_and_name.first, group_and_name.second, spec.path.substr(group_prefix.size()));
        if (loaded_.config.settings_.contains(path)) continue;
        if (!spec.default_value.empty()) {
          ApplyDefault(spec, path);
        } else if (loaded_.problems.empty()) {
          // With other problems there, this one may only follow from them.
          Problem(where, fmt::format("{} must be set", path));
        }
      }
    }
  }

  void ExpandAll() {
    const auto expand = [this](const std::string& path, EffectiveSetting& setting) {
      auto* text = std::get_if<std::string>(&setting.value);
      if (text == nullptr || text->empty()) return;
      if (setting.spec->type == SettingType::kPath) *text = Expand(*text, bases_[path], setting.origin);
      if (setting.spec->type != SettingType::kUrl) return;
      // Behind other schemes stand names of hosts and buckets.
      if (!text->starts_with("file://") && !text->starts_with("sqlite://")) return;
      const size_t mark = text->find("://") + 3;
      *text = text->substr(0, mark) + Expand(text->substr(mark), bases_[path], setting.origin);
    };
    auto& settings = loaded_.config.settings_;
    // Others may name $STATE_DIR.
    if (const auto state = settings.find("state_dir"); state != settings.end()) expand(state->first, state->second);
    for (auto& [path, setting] : settings) {
      if (path != "state_dir") expand(path, setting);
    }
  }

  std::string Expand(std::string text, const std::filesystem::path& base, const std::string& origin) {
    if (text.starts_with("~/")) text = Home() + text.substr(1);
    if (text.starts_with('$')) {
      const size_t end = std::min(text.find('/'), text.size());
      const std::string name = text.substr(1, end - 1);
      const auto value = Directory(name);
      if (value.empty()) {
        Problem(origin, fmt::format("${} is not known here{}", name,
                                    DidYouMean(name, {"HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "STATE_DIR"})));
        return text;
      }
      text = value + text.substr(end);
    }
    const std::filesystem::path path(text);
    std::string absolute = (path.is_absolute() ? path : base / path).lexically_normal().string();
    if (absolute.size() > 1 && absolute.ends_with('/')) absolute.pop_back();
    return absolute;
  }

  // A service started at boot often has no home.
  std::string Home() const {
    std::string home = Variable(inputs_, "HOME");
    return home.empty() ? "/var/lib" : home;
  }

  std::string Directory(const std::string& name) {
    if (name == "HOME") return Home();
    if (name == "STATE_DIR") return loaded_.config.Text("state_dir");
    const bool homeless = Variable(inputs_, "HOME").empty();
    if (name != "XDG_DATA_HOME" && name != "XDG_STATE_HOME") return "";
    std::string value = Variable(inputs_, name);
    // The XDG specification: a relative one is to be ignored.
    if (value.starts_with('/')) return value;
    if (homeless) return "/var/lib";
    return Home() + (name == "XDG_DATA_HOME" ? "/.local/share" : "/.local/state");
  }

  const ConfigInputs& inputs_;
  LoadedConfig loaded_;
  std::map<std::string, std::filesystem::path> bases_;
  std::map<std::pair<std::string, std::string>, std::string> groups_;  // (group, name) → where first seen
};

LoadedConfig LoadConfig(const ConfigInputs& inputs) { return ConfigLoader(inputs).Load(); }

ConfigInputs ProcessConfigInputs() {
  ConfigInputs inputs;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const size_t equals = text.find('=');
    if (equals != std::string_view::npos)
      inputs.environment.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  std::error_code error;
  inputs.working_directory = std::filesystem::current_path(error);
  inputs.files.emplace_back("/etc/seshat/seshat.toml");
  std::string xdg = Variable(inputs, "XDG_CONFIG_HOME");
  const std::string home = Variable(inputs, "HOME");
  if (!xdg.starts_with('/')) xdg = home.empty() ? "" : home + "/.config";
  if (!xdg.empty()) inputs.files.push_back(std::filesystem::path(xdg) / "seshat/seshat.toml");
  inputs.files.emplace_back("seshat.toml");
  return inputs;
}

}  // namespace seshat::composition
