// Where the objects of a session lie, and whether they can be read now.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "core/query/session_document.h"
#include "ports/blob_store.h"

namespace seshat::catalog {

enum class StorageState {
  kUnknown,  // not looked at
  kReadable,
  kArchived,   // cold: it must be restored first
  kRestoring,  // on its way: hours
  kRestored,   // readable for a while
  kMissing,
};
// "readable", "archived", "restoring", "restored", "missing"; empty for what is unknown.
std::string_view StorageStateName(StorageState state);

struct ObjectPlace {
  std::string url;  // for people and other programs: "s3://bucket/id/raw/a.bin"; empty for what is no key
  StorageState state = StorageState::kUnknown;
};

// Of the manifest, every file and every output that a document names.
struct SessionStorage {
  std::map<std::string, ObjectPlace, std::less<>> places;  // by key

  // Of an object that the document does not name: no URL, unknown.
  const ObjectPlace& Of(std::string_view key) const;
};

// Asks the store with listings, which tell the state of a thousand objects in one request. States are unknown where
// the store cannot be asked, and where the session has more objects than are listed for one answer (20,000).
SessionStorage LookAtStorage(BlobStore& store, const SessionDocument& document);

}  // namespace seshat::catalog
