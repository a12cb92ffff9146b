#include "composition/config/toml_file.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <cerrno>
#include <fstream>
#include <iterator>

#include "platform/posix/posix_error.h"

namespace seshat::composition {
namespace {

// Nobody writes a configuration of this size; a wrong path (a recording, say) ends here.
constexpr size_t kMaxBytes = 4 * 1024 * 1024;
constexpr size_t kReadStep = 16 * 1024;

RawValue ToRaw(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* flag = node.as_boolean()) return flag->get();
  if (const auto* number = node.as_integer()) return number->get();
  if (const auto* array = node.as_array()) {
    std::vector<std::string> texts;
    for (const toml::node& item : *array) {
      const auto* text = item.as_string();
      if (text == nullptr) return std::monostate{};
      texts.push_back(text->get());
    }
    return texts;
  }
  return std::monostate{};
}

void Flatten(const toml::table& table, const std::string& prefix, std::vector<RawSetting>& out) {
  for (const auto& [key, node] : table) {
    RawSetting setting;
    setting.path = prefix + std::string(key.str());
    setting.line = node.source().begin.line;
    setting.dotted_name = key.str().find('.') != std::string_view::npos;
    if (const auto* inner = node.as_table()) {
      setting.is_table = true;
      const std::string inner_prefix = setting.path + ".";
      out.push_back(std::move(setting));
      Flatten(*inner, inner_prefix, out);
    } else {
      setting.value = ToRaw(node);
      out.push_back(std::move(setting));
    }
  }
}

Result<toml::table> Parse(std::string_view text) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("line {}: {}", error.source().begin.line, error.description()));
  }
}

}  // namespace

Result<std::vector<RawSetting>> ParseToml(std::string_view text) {
  SESHAT_ASSIGN(const toml::table table, Parse(text));
  std::vector<RawSetting> settings;
  Flatten(table, "", settings);
  return settings;
}

Result<std::string> ReadConfigFile(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error))
    return Fail(ErrorCode::kInvalidArgument, "is a directory, not a file");
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::unexpected(posix::PosixError(errno, "opening"));
  // In steps: a buffer for the largest file would cost every start of the program more than the reading.
  std::string text;
  while (file && text.size() <= kMaxBytes) {
    const size_t have = text.size();
    text.resize(have + kReadStep);
    file.read(text.data() + have, static_cast<std::streamsize>(kReadStep));
    text.resize(have + static_cast<size_t>(file.gcount()));
  }
  if (file.bad()) return std::unexpected(posix::PosixError(EIO, "reading"));
  if (text.size() > kMaxBytes) return Fail(ErrorCode::kInvalidArgument, "is larger than 4 MiB: no configuration is");
  return text;
}

Result<RawValue> ParseTomlValue(std::string_view text) {
  SESHAT_ASSIGN(const toml::table table, Parse(fmt::format("v = {}", text)));
  if (table.size() != 1) return Fail(ErrorCode::kInvalidArgument, "not one value");
  return ToRaw(*table.get("v"));
}

}  // namespace seshat::composition
