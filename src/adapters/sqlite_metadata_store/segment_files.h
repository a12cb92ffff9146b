// The files beside the database that hold large segments. Private to the adapter.
//
// A file is written and synced before the transaction that lists it commits, and taken away after the one that drops
// it has. What no transaction lists is left over from a crash; whoever writes next removes it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <set>
#include <string_view>

#include "core/base/error.h"

namespace seshat::sqlite_metadata_store {

// Bytes of a file in memory, for as long as somebody holds it.
class MappedFile {
 public:
  // kNotFound where there is no such file, kDataLoss where it is shorter than `size`.
  static Result<std::shared_ptr<const MappedFile>> Open(const std::filesystem::path& path, uint64_t size);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::string_view bytes() const { return {data_, size_}; }
  // Gives back the memory of what was read: what is read again comes from the kernel's cache of the file.
  void Release() const;

 private:
  MappedFile(const char* data, size_t size) : data_(data), size_(size) {}
  const char* data_;
  size_t size_;
};

class SegmentFiles {
 public:
  explicit SegmentFiles(const std::filesystem::path& database);

  // Durable when it returns. Replaces what a crash has left under this number.
  Status Write(int64_t id, std::string_view bytes) const;
  Result<std::shared_ptr<const MappedFile>> Map(int64_t id, uint64_t size) const;
  // A file that cannot be removed now is found by RemoveOthers later.
  void Remove(int64_t id) const;
  // All but these. Precondition: nobody else writes.
  Status RemoveOthers(const std::set<int64_t>& ids) const;
  Status RemoveAll() const;

 private:
  std::filesystem::path PathOf(int64_t id) const;

  std::filesystem::path directory_;
};

}  // namespace seshat::sqlite_metadata_store
