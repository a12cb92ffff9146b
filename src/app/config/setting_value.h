// From raw values and texts to a setting's own type.
#pragma once

#include <string_view>

#include "app/config/config.h"
#include "app/config/toml_file.h"

namespace seshat::app {

// kInvalidArgument says what was expected.
Result<SettingValue> ConvertSetting(const SettingSpec& spec, const RawValue& raw);
// `text` as a flag or variable gives it: a TOML value, or the bare text.
Result<SettingValue> ParseSetting(const SettingSpec& spec, std::string_view text);

}  // namespace seshat::app
