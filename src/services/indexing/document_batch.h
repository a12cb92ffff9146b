// Documents on their way into the metadata store, some at a time.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/query/session_document.h"
#include "ports/metadata_store.h"

namespace seshat::indexing {

// What a document takes up, roughly: keys, values, paths.
size_t ApproximateBytes(const SessionDocument& document);

class DocumentBatch {
 public:
  explicit DocumentBatch(size_t max_bytes) : max_bytes_(max_bytes) {}

  void Add(SessionDocument document);
  bool empty() const { return documents_.empty(); }
  bool full() const { return bytes_ >= max_bytes_; }
  const std::vector<SessionDocument>& documents() const { return documents_; }
  void Clear();

  // Upserts all; one outcome for each document, in order. A store that refuses the whole for good is asked
  // about each document alone, so that one bad document stops no other.
  std::vector<Status> Upsert(MetadataStore& index) const;

 private:
  size_t max_bytes_;
  size_t bytes_ = 0;
  std::vector<SessionDocument> documents_;
};

}  // namespace seshat::indexing
