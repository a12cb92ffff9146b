// Text as TOML writes it.
#pragma once

#include <string>
#include <string_view>

namespace seshat {

// A basic string: quoted and escaped.
std::string TomlString(std::string_view text);

}  // namespace seshat
