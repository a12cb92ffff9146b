// Where a program lies.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace seshat::posix {

// The first executable called `name` in the directories of `path`, written as PATH is; empty where there is none. Relative
// directories are passed over: they would run whatever lies where one happens to stand.
std::filesystem::path FindOnPath(const std::string& name, std::string_view path);

}  // namespace seshat::posix
