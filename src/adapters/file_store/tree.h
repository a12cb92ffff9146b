// The directories of a file store: finding, making and syncing them, and giving a finished file its name.
#pragma once

#include <sys/types.h>

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "adapters/file_store/file_io.h"
#include "core/base/error.h"
#include "platform/posix/unique_fd.h"

namespace seshat::file_store {

// A temporary file below .seshat/puts, open and locked.
struct TempFile {
  std::string name;
  posix::UniqueFd fd;
};

// Thread-safe.
class Tree {
 public:
  Tree(posix::UniqueFd root, std::string root_path, mode_t directory_mode)
      : root_(std::move(root)), root_path_(std::move(root_path)), directory_mode_(directory_mode) {}

  int root() const { return root_.get(); }
  const std::string& root_path() const { return root_path_; }

  // The directory for unfinished puts, made at the first call, which also removes stale ones.
  Result<int> Puts();
  // A new one. Resumable files are kept longer by the clean-up.
  Result<TempFile> MakeTemp(bool resumable, mode_t mode);
  // Leaving one behind harms nobody, so no error is told: the clean-up finds it.
  void RemoveTemp(const std::string& name);

 private:
  friend class LinkRound;
  // Opens a directory, making it and those above where they are missing.
  Errno<posix::UniqueFd> OpenDirectory(const std::string& path);
  void RemoveStale();
  std::string NextName(bool resumable);

  const posix::UniqueFd root_;
  const std::string root_path_;
  const mode_t directory_mode_;
  std::mutex mutex_;
  posix::UniqueFd puts_;
  uint64_t nonce_ = 0;
  uint64_t counter_ = 0;
  // Directories whose own entry is known to be on disk, and so are those above them. What was made by
  // another process is not known to be: it may have died before its sync.
  std::unordered_set<std::string> durable_;
};

// Names given to finished files, whose directories are then synced together. One thread.
class LinkRound {
 public:
  explicit LinkRound(Tree& tree) : tree_(tree) {}

  // Gives the temporary file the name `key`. Durable after Sync. Success too where the key is this very file
  // already. kAlreadyExists, kInvalidArgument where a directory has the name or an object lies in the way.
  // After kAlreadyExists, too, Sync makes sure that what is there stays.
  Status Link(const std::string& temp, std::string_view key);
  // Every directory touched since the last Sync. An error means that any name of the round may be lost.
  Status Sync();

 private:
  Result<int> Directory(const std::string& path);
  Status ExplainTaken(int directory, const std::string& leaf, const std::string& temp, std::string_view key);

  Tree& tree_;
  std::map<std::string, posix::UniqueFd> open_;
  std::set<std::string> touched_;  // to be synced
  std::vector<std::string> new_durable_;
};

}  // namespace seshat::file_store
