// The file of the SQLite metadata store: its schema, opening it, and what its rows mean. Private to the adapter.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "platform/sqlite/database.h"

namespace seshat::sqlite_metadata_store {

enum class Access { kWrite, kRead };

// kWrite makes the file where it is missing and brings the schema up to date; kDataLoss for what is no index of
// ours, kUnsupported for one of another version. kRead is for a file that was opened with kWrite before.
Result<std::unique_ptr<sqlite::Database>> OpenIndex(const std::filesystem::path& path, Access access);
// Removes the file and what is kept beside it.
Status RemoveIndex(const std::filesystem::path& path);

// Adds what to do to errors that only a rebuild can heal.
Error Explain(Error error, const std::filesystem::path& path);

}  // namespace seshat::sqlite_metadata_store
