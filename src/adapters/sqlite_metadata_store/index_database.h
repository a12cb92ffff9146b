// The file of the SQLite metadata store: its schema, opening it, and what its rows mean. Private to the adapter.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "adapters/sqlite/database.h"
#include "core/error.h"

namespace seshat::sqlite_index {

// field.kind; the values of FieldKind.
inline constexpr int kMetadataField = 0;
inline constexpr int kFixedField = 1;
inline constexpr int kKeyNameField = 2;

// value.kind
inline constexpr int kHasNumber = 1;
inline constexpr int kHasDate = 2;
inline constexpr int kHasText = 4;  // neither of the two

enum class Access { kWrite, kRead };

// kWrite makes the file where it is missing and brings the schema up to date; kDataLoss for what is no index of
// ours. kRead is for a file that was opened with kWrite before.
Result<std::unique_ptr<sqlite::Database>> OpenIndex(const std::filesystem::path& path, Access access);
// Removes the file and what SQLite keeps beside it.
Status RemoveIndex(const std::filesystem::path& path);

// Adds what to do to errors that only a rebuild can heal.
Error Explain(Error error, const std::filesystem::path& path);

// 16 bytes in place of a text of any length; equal for equal texts and, at 128 bits, for no others.
std::string TextKey(std::string_view text);

}  // namespace seshat::sqlite_index
