// Small objects in batches: each is read, hashed and written to a temporary file while others are being
// synced; then all get their names, and each directory is synced once.
#pragma once

#include <cstddef>
#include <stop_token>
#include <string>
#include <vector>

#include "adapters/file_store/file_store.h"
#include "adapters/file_store/sync_pool.h"
#include "adapters/file_store/tree.h"
#include "ports/blob_store.h"

namespace seshat::file_store {

inline constexpr uint64_t kSmallBytes = 1024 * 1024;  // one buffer of this size

class SmallPuts {
 public:
  SmallPuts(Tree& tree, const FileStoreOptions& options)
      : tree_(tree), object_mode_(options.object_mode), pool_(options.sync_threads) {
    staged_.reserve(kMaxStaged);
  }

  bool empty() const { return staged_.empty(); }
  bool full() const { return staged_.size() >= kMaxStaged; }
  // `request` has a body of at most kSmallBytes and no journal.
  void Add(PutRequest request);
  // Answers everything added since the last time; when stopped, with kCancelled.
  void Commit(PutFeed& feed, const std::stop_token& stop);

 private:
  static constexpr size_t kMaxStaged = 512;  // a sync of a directory is then a thousandth of the work
  struct Staged {
    uint64_t tag = 0;
    std::string key;
    std::string temp;  // empty: none was made
    Result<PutOutcome> outcome;
    int sync_error = 0;
  };
  Status Stage(PutRequest& request, Staged& staged);
  void Link();

  Tree& tree_;
  const mode_t object_mode_;
  std::vector<std::byte> buffer_;
  std::vector<Staged> staged_;  // never grows beyond what is reserved: the pool points into it
  SyncPool pool_;               // declared last: it ends first
};

}  // namespace seshat::file_store
