// Removing a directory tree that somebody hostile may have made: any depth, any permissions, any names.
#pragma once

#include <string>

#include "core/base/error.h"

namespace seshat::scratch_directory {

// Removes `name` in the directory `parent` and everything below it; success where it is not there. Follows no
// link, uses two file descriptors and no recursion however deep the tree is. The tree must not change meanwhile.
Status RemoveTree(int parent, const std::string& name);

}  // namespace seshat::scratch_directory
