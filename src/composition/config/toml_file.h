// TOML as a flat list of settings. The parser's heavy header stays in the .cc.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/error.h"

namespace seshat::composition {

// std::monostate: a kind of value that no setting has (a date, a float, a mixed array); or a table's header.
using RawValue = std::variant<std::monostate, bool, int64_t, std::string, std::vector<std::string>>;

struct RawSetting {
  std::string path;  // "sources.lab.path"
  RawValue value;
  uint32_t line = 0;
  bool is_table = false;
  bool dotted_name = false;  // a key that itself holds a '.', which no path can name
};

// kInvalidArgument with "line 3: …" for a syntax error.
Result<std::vector<RawSetting>> ParseToml(std::string_view text);
// kNotFound where there is no such file.
Result<std::string> ReadConfigFile(const std::filesystem::path& path);
// One TOML value, such as `["a", "b"]`; kInvalidArgument where `text` is none.
Result<RawValue> ParseTomlValue(std::string_view text);

}  // namespace seshat::composition
