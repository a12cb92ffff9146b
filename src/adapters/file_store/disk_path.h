// Where a key lies on disk. Injective: no two keys share a path, and the way back gives the key's bytes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace seshat::file_store {

inline constexpr size_t kMaxNameBytes = 255;  // NAME_MAX of every Linux file system
// Ends the name of a directory in which a segment goes on.
inline constexpr char kGoesOn = '\x01';
inline constexpr std::string_view kOwnDirectory = ".seshat";

// The path below the root for a key, or for any number of whole segments.
std::string DiskPath(std::string_view key);

// "a/b/c" → "a/b" and "c"; "c" → "" and "c".
std::pair<std::string_view, std::string_view> SplitLeaf(std::string_view path);

}  // namespace seshat::file_store
