// The parts that a Seshat process can play.
#pragma once

#include <string_view>

namespace seshat::composition {

enum class Role { kAgent, kProcess, kIndex };
std::string_view RoleName(Role role);  // "agent", …

}  // namespace seshat::composition
