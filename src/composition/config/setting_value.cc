#include "composition/config/setting_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "composition/config/units.h"
#include "core/base/nearest_name.h"
#include "core/base/text_parts.h"
#include "core/base/toml_text.h"

namespace seshat::composition {
namespace {

std::unexpected<Error> Expected(const SettingSpec& spec, std::string_view example) {
  return Fail(ErrorCode::kInvalidArgument, fmt::format("expected a {} here{}", SettingTypeName(spec.type), example));
}

Result<SettingValue> FromText(const SettingSpec& spec, const std::string& text) {
  switch (spec.type) {
    case SettingType::kText:
    case SettingType::kPath:
      return text;
    case SettingType::kUrl:
      if (!text.empty() || spec.default_value != R"("")") SESHAT_TRY(ParseAdapterUrl(text));
      return text;
    case SettingType::kTexts:
      return std::vector<std::string>{text};
    case SettingType::kChoice: {
      const auto parts = Split(spec.choices, '|');
      const std::vector<std::string> choices(parts.begin(), parts.end());
      if (std::ranges::find(choices, text) != choices.end()) return text;
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("'{}' is none of: {}{}", text, fmt::join(choices, ", "), DidYouMean(text, choices)));
    }
    case SettingType::kDurationOrNever:
      if (text == "never") return int64_t{-1};
      [[fallthrough]];
    case SettingType::kDuration: {
      SESHAT_ASSIGN(const auto duration, ParseDuration(text));
      return static_cast<int64_t>(duration.count());
    }
    case SettingType::kSize: {
      SESHAT_ASSIGN(const uint64_t bytes, ParseSize(text));
      return static_cast<int64_t>(bytes);
    }
    case SettingType::kBandwidth: {
      SESHAT_ASSIGN(const uint64_t bytes, ParseBandwidth(text));
      return static_cast<int64_t>(bytes);
    }
    case SettingType::kSwitch:
    case SettingType::kCount:
      break;
  }
  return Expected(spec, spec.type == SettingType::kSwitch ? ", without quotes" : " ≥ 0, without quotes");
}

}  // namespace

Result<SettingValue> ConvertSetting(const SettingSpec& spec, const RawValue& raw) {
  if (const auto* text = std::get_if<std::string>(&raw)) return FromText(spec, *text);
  if (const auto* flag = std::get_if<bool>(&raw)) {
    if (spec.type == SettingType::kSwitch) return *flag;
    return Expected(spec, "");
  }
  if (const auto* number = std::get_if<int64_t>(&raw)) {
    if (spec.type == SettingType::kCount && *number >= 0) return *number;
    const bool needs_unit = spec.type == SettingType::kDuration || spec.type == SettingType::kDurationOrNever ||
                            spec.type == SettingType::kSize || spec.type == SettingType::kBandwidth;
    return Expected(spec, needs_unit ? fmt::format(" with its unit, such as \"{}{}\"", *number,
                                                   spec.type == SettingType::kSize        ? "MiB"
                                                   : spec.type == SettingType::kBandwidth ? "MB/s"
                                                                                          : "s")
                                     : "");
  }
  if (const auto* texts = std::get_if<std::vector<std::string>>(&raw)) {
    if (spec.type == SettingType::kTexts) return *texts;
  }
  return Expected(spec, "");
}

Result<SettingValue> ParseSetting(const SettingSpec& spec, std::string_view text) {
  if (spec.type == SettingType::kSwitch) {
    if (text == "true" || text == "1") return true;
    if (text == "false" || text == "0") return false;
    return Expected(spec, "");
  }
  if (spec.type == SettingType::kCount) {
    uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return Expected(spec, "");
    return int64_t{number};
  }
  if (spec.type == SettingType::kTexts && text.starts_with('[')) {
    SESHAT_ASSIGN(const RawValue raw, ParseTomlValue(text));
    return ConvertSetting(spec, raw);
  }
  return FromText(spec, std::string(text));
}

std::string FormatSetting(const SettingSpec& spec, const SettingValue& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* text = std::get_if<std::string>(&value)) return TomlString(*text);
  if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) {
    std::vector<std::string> quoted;
    for (const std::string& text : *texts) quoted.push_back(TomlString(text));
    return fmt::format("[{}]", fmt::join(quoted, ", "));
  }
  const int64_t number = std::get<int64_t>(value);
  switch (spec.type) {
    case SettingType::kDuration:
      return TomlString(FormatDuration(std::chrono::milliseconds(number)));
    case SettingType::kDurationOrNever:
      return number < 0 ? "\"never\"" : TomlString(FormatDuration(std::chrono::milliseconds(number)));
    case SettingType::kSize:
      return TomlString(FormatSize(static_cast<uint64_t>(number)));
    case SettingType::kBandwidth:
      return TomlString(FormatBandwidth(static_cast<uint64_t>(number)));
    default:
      return std::to_string(number);
  }
}

}  // namespace seshat::composition
