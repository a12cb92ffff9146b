// SourceTree: one lab directory, as the migration agent sees it. Promise P2: it is read and never changed,
// but for Delete and WriteNote, which only a configured deletion calls.
//
// Paths are relative to the directory: raw bytes, '/' between segments, never empty segments, "." or "..".
// No symbolic link is ever followed, nothing but regular files is ever opened, and nothing outside the
// directory can be reached through it, whatever others rename or replace meanwhile.
//
// Thread safety: all methods, from any thread.
// Adapters: memory (tests), posix (local directories; NFS and SMB mounts). Suite:
// conformance/source_tree/source_tree_suite.h.
#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/records/fingerprint.h"
#include "ports/blob_store.h"

namespace seshat {

enum class EntryKind : uint8_t {
  kFile,
  kSymlink,
  kFifo,
  kSocket,
  kDevice,
  kUnreadable,  // a directory that cannot be listed, or an entry whose attributes cannot be read
  kOther,
};

// "file", "symlink", …: the spelling in manifests (SkippedEntry::kind).
constexpr std::string_view EntryKindName(EntryKind kind) {
  constexpr std::string_view kNames[] = {"file", "symlink", "fifo", "socket", "device", "unreadable", "other"};
  return kNames[static_cast<size_t>(kind)];
}

struct SourceEntry {
  std::string_view path;  // both views live until Visit returns
  EntryKind kind = EntryKind::kFile;
  FileStat stat;            // as far as it is known
  std::string_view reason;  // kUnreadable: the kernel's words
};

// Depth first, so everything below a directory comes between its Enter and its Leave; no other order.
class SourceVisitor {
 public:
  virtual ~SourceVisitor() = default;
  // False: the directory is passed over, and Leave is not called for it.
  virtual bool Enter(std::string_view directory) = 0;
  virtual Status Leave(std::string_view directory) = 0;
  // Everything that is not a directory, and directories that cannot be listed. An error ends the scan.
  virtual Status Visit(const SourceEntry& entry) = 0;
};

struct SourceFile {
  std::shared_ptr<BlobSource> body;  // CheckUnchanged compares everything in `stat` with the file as it is now
  FileStat stat;
};

enum class WaitEnd { kHint, kTimeout, kStopped };

class SourceTree {
 public:
  virtual ~SourceTree() = default;

  // Walks `under` (empty: everything; neither Enter nor Leave is called for it). One attribute look-up for
  // each entry. Entries that come or go meanwhile may or may not be seen. kNotFound where `under` is not
  // there or no directory; kPermissionDenied or kUnavailable where it cannot be listed; kCancelled; the
  // visitor's own error. After an error what was not visited means nothing.
  virtual Status Scan(std::string_view under, SourceVisitor& visitor, std::stop_token stop) = 0;

  // A regular file, for reading; access times stay untouched where the system allows. kNotFound;
  // kPermissionDenied; kSourceChanged for anything that is no regular file (now); kResourceExhausted (too
  // many open files); kUnavailable (EIO, a mount that went away). Never blocks on FIFOs or devices.
  virtual Result<SourceFile> Open(std::string_view path) = 0;

  // Returns early when something below may have changed since the last Scan of everything began: a hint,
  // never a promise. Trees that can give no hints just wait.
  virtual WaitEnd WaitForChange(std::chrono::nanoseconds at_most, std::stop_token stop) = 0;

  // Removes the file if its attributes still are `expected`; kSourceChanged, with nothing removed, otherwise.
  // Success where there is no such file. kPermissionDenied, kUnavailable.
  virtual Status Delete(std::string_view path, const FileStat& expected) = 0;

  // Makes a small text file (a crash may leave it incomplete). kAlreadyExists, changing nothing, where the
  // name is taken. kNotFound without its directory; kPermissionDenied, kResourceExhausted, kUnavailable.
  virtual Status WriteNote(std::string_view path, std::string_view text) = 0;
};

}  // namespace seshat
