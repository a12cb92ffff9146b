// Where the objects of a session lie, and whether they can be read now. Asks the store with listings, which tell
// the state of a thousand objects in one request.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "ports/blob_store.h"

namespace seshat::cli {

// "readable", "archived", "restoring" or "restored".
std::string_view ArchiveStateName(ArchiveState state);

class StorageStates {
 public:
  explicit StorageStates(BlobStore& store) : store_(store) {}

  // For people and other programs: "s3://bucket/id/raw/a.bin". Empty for what is no key.
  std::string Url(const std::string& key) const;
  // A name as above, "missing", or empty where it was not looked at: the store could not be asked, or the session
  // has more objects than are listed for one answer (20,000).
  std::string State(const std::string& session_id, const std::string& key);

 private:
  void Look(const std::string& session_id);

  BlobStore& store_;
  std::string session_id_;  // whose states these are
  std::map<std::string, ArchiveState, std::less<>> states_;
  bool complete_ = false;  // all objects of the session are among them
};

}  // namespace seshat::cli
