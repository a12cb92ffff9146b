// From raw values and texts to a setting's own type.
#pragma once

#include <string_view>

#include "composition/config/config.h"
#include "composition/config/toml_file.h"

namespace seshat::composition {

// kInvalidArgument says what was expected.
Result<SettingValue> ConvertSetting(const SettingSpec& spec, const RawValue& raw);
// `text` as a flag or variable gives it: a TOML value, or the bare text.
Result<SettingValue> ParseSetting(const SettingSpec& spec, std::string_view text);

}  // namespace seshat::composition
