// What the metadata store holds for one session: a pure function of the session's newest manifest, its
// metadata file and its receipts and failure records, all of which lie in the blob store.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/time.h"
#include "core/digest/sha256.h"
#include "core/metadata/metadata.h"

namespace seshat::query {

struct ResultDocument {
  std::string processor;
  std::string version;
  std::string outcome;     // "succeeded" or "failed"
  std::string record_key;  // of the receipt or the failure record
  std::string reason;      // of a failure
  struct Output {
    std::string name;  // percent-encoded
    std::string key;
    uint64_t size = 0;
    bool operator==(const Output&) const = default;
  };
  std::vector<Output> outputs;
  bool operator==(const ResultDocument&) const = default;
};

struct FileDocument {
  std::string path;  // percent-encoded
  std::string key;
  uint64_t size = 0;
  Sha256 sha256;
  std::vector<ResultDocument> results;  // sorted by processor, then version
  bool operator==(const FileDocument&) const = default;
};

struct SessionDocument {
  std::string session_id;
  // Orders what is known of a session: a document never replaces one with a higher version, and equal
  // versions are equal documents. revision << 32 | number of receipts and failure records that were read.
  uint64_t version = 0;
  uint32_t revision = 0;
  std::string source;
  // "complete", or "partial" where an entry of the session could not be stored.
  std::string state;
  // "present", "missing", "truncated" (limits were reached; see metadata_problems), "unreadable"
  std::string metadata_state;
  std::vector<std::string> metadata_problems;
  Timestamp started_at{};
  Timestamp ended_at{};
  Timestamp migrated_at{};
  uint64_t bytes = 0;
  uint64_t file_count = 0;
  std::string manifest_key;
  std::string traceparent;
  std::vector<MetadataEntry> metadata;
  std::vector<FileDocument> files;  // sorted by path
  bool operator==(const SessionDocument&) const = default;
};

// Lossless JSON, the form in which stores keep a document and `seshat show --json` prints it.
std::string EncodeSessionDocument(const SessionDocument& document);
Result<SessionDocument> DecodeSessionDocument(std::string_view json);

}  // namespace seshat::query

namespace seshat {
using query::FileDocument;
using query::ResultDocument;
using query::SessionDocument;
}  // namespace seshat
