// A source made up in memory, for tests and models: what a directory holds, and every way it can misbehave.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "ports/clock.h"
#include "ports/source_tree.h"

namespace seshat::memory_source {

// Thread-safe. WaitForChange sleeps on `clock`.
class MemorySource : public SourceTree {
 public:
  explicit MemorySource(Clock& clock) : clock_(clock) {}

  // The other side: what a lab's programs do. Each moves the modification and change times to the clock's now
  // (and makes them differ from the last).
  void Write(std::string_view path, std::string_view bytes);  // makes or replaces contents, keeping the inode
  void Append(std::string_view path, std::string_view bytes);
  void MakeSpecial(std::string_view path, EntryKind kind);
  void SetReadable(std::string_view path, bool readable);  // Open answers kPermissionDenied
  void SetMode(std::string_view path, uint32_t mode);
  void Rename(std::string_view from, std::string_view to);  // a file, or everything below a directory
  void Remove(std::string_view path);                       // the same
  void MakeDirectory(std::string_view path);
  void SetOffline(bool offline);  // Scan and Open answer kUnavailable

  // Runs before each ReadAt of a body, with the path: to change a file under the reader.
  void OnRead(std::function<void(std::string_view path)> hook);
  std::map<std::string, std::string> Files() const;  // every regular file with its bytes
  uint64_t opens() const;

  Status Scan(std::string_view under, SourceVisitor& visitor, std::stop_token stop) override;
  Result<SourceFile> Open(std::string_view path) override;
  WaitEnd WaitForChange(std::chrono::nanoseconds at_most, std::stop_token stop) override;
  Status Delete(std::string_view path, const FileStat& expected) override;
  Status WriteNote(std::string_view path, std::string_view text) override;

 private:
  struct Node {
    EntryKind kind = EntryKind::kFile;
    bool directory = false;
    bool readable = true;
    FileStat stat;
    std::string bytes;
  };
  class Body;
  friend class Body;

  void Touch(Node& node);
  void MakeParents(std::string_view path);
  Node* Find(std::string_view path);
  Result<std::string> Read(std::string_view path, const FileStat& stat, uint64_t offset, uint64_t size);
  Result<FileStat> StatOf(std::string_view path);

  Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, Node, std::less<>> nodes_;
  std::function<void(std::string_view)> on_read_;
  uint64_t next_inode_ = 1;
  int64_t last_time_ = 0;
  uint64_t opens_ = 0;
  bool offline_ = false;
  bool changed_ = false;
};

}  // namespace seshat::memory_source
