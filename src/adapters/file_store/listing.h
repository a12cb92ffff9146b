// Pages of keys in byte order, straight from the directories. Nothing is kept between calls.
#pragma once

#include <sys/stat.h>

#include <string>

#include "adapters/file_store/tree.h"
#include "core/base/error.h"
#include "ports/blob_store.h"

namespace seshat::file_store {

Result<ListPage> ListTree(const Tree& tree, const ListOptions& options);

// What fstat says about an object.
BlobInfo InfoFrom(std::string key, const struct stat& status);

}  // namespace seshat::file_store
