// A blob store in a directory tree: key "id/raw/a.bin" is the file <root>/id/raw/a.bin, byte for byte, and
// plain tools can read it. Needs Linux 5.6 (openat2) and a file system with hard links whose directories can
// be synced: ext4, xfs, btrfs, NFS.
//
// Layout beside the objects: <root>/.seshat/puts holds unfinished puts. So no key may start with ".seshat/".
// A segment of more than 255 bytes, which no file system holds, lies in nested directories: each but the last
// piece is 254 bytes and a byte 0x01, which no key can hold.
//
// Nothing is ever followed out of the root: every open is openat2 with RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS
// and RESOLVE_NO_MAGICLINKS; a symbolic link in the way is kDataLoss.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "core/base/error.h"
#include "ports/blob_store.h"

namespace seshat::file_store {

struct FileStoreOptions {
  std::filesystem::path root;  // made where it is missing
  BlobAccess access = BlobAccess::kReadWrite;
  // Both under the umask. Objects never change, so nobody may write them.
  mode_t object_mode = 0440;
  mode_t directory_mode = 0750;
  // A resumable put syncs and saves its state after each so many bytes.
  uint64_t part_bytes = 64 * 1024 * 1024;
  // Threads that sync small files while the next ones are read. 4 keep the journals of ext4 and xfs busy.
  size_t sync_threads = 4;
};

// kPermissionDenied, kResourceExhausted, kUnavailable as the kernel says. A root on a read-only file system
// can be opened: reads work, puts are refused.
//
// Unfinished puts left by a crash are removed at the first put: those that nobody can resume a day after
// their last write, resumable ones after 30 days.
//
// Memory: at most 20 MiB for each running PutAll, 1 MiB for each GetAll.
Result<std::unique_ptr<BlobStore>> MakeFileBlobStore(const FileStoreOptions& options);

}  // namespace seshat::file_store
