// Which files of which revision of which sessions.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <vector>

#include "core/base/error.h"
#include "core/records/dataset.h"
#include "core/records/session_id.h"
#include "ports/blob_store.h"
#include "services/records/stored_manifest.h"
#include "services/retrieval/wanted_file.h"

namespace seshat::retrieval {

enum class What { kRaw, kProcessed, kAll };

// Raw files go below "<id>/raw/", results below "<id>/processed/<processor>-<version>/<path>/". Results are those of
// the files of the chosen revision and of no other, so that no two of them have one path.
//
// Raw files are read from the manifests a part at a time, whenever they are asked for; results are kept here.
// Thread-safe once it is made. The store that it was made from must outlive it.
class Selection {
 public:
  // What this manifest lists and what was made of it. A damaged receipt is no error: it fails later, as a file of the
  // selection that cannot be had. kCancelled; what the store answers.
  static Result<Selection> Of(BlobStore& store, stored::StoredManifest manifest, What what,
                              const std::stop_token& stop);

  // A session that is here already is left out: of each, one revision.
  void Append(Selection other);

  uint64_t files() const { return files_; }
  uint64_t bytes() const { return bytes_; }

  // Some of the files at a time (at most 10,000), and those that cannot be had. What the store answers, kCancelled.
  struct Part {
    std::vector<WantedFile> files;
    std::vector<FailedFile> failed;
  };
  Status ForEachPart(const std::function<void(const Part&)>& each, const std::stop_token& stop) const;

 private:
  struct Session {
    stored::StoredManifest manifest;
    bool raw = false;
    std::vector<WantedFile> results;
    std::vector<FailedFile> failed;
  };
  std::vector<Session> sessions_;
  uint64_t files_ = 0;
  uint64_t bytes_ = 0;
};

// The newest revision. kNotFound where there is none: it says so for people. kDataLoss; what the store answers.
Result<stored::StoredManifest> FindNewest(BlobStore& store, const SessionId& id, const std::stop_token& stop);

// FindNewest, and what `what` says of it.
Result<Selection> SelectNewest(BlobStore& store, const SessionId& id, What what, const std::stop_token& stop);

// The revisions that a dataset names, whatever has been added since.
struct DatasetSelection {
  Selection selection;
  std::vector<FailedFile> unreadable;  // sessions whose manifest is not what it was, cannot be read or was not, by id
};
Result<DatasetSelection> SelectDataset(BlobStore& store, const Dataset& dataset, What what,
                                       const std::stop_token& stop);

}  // namespace seshat::retrieval
