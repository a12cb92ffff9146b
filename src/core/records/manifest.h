// The records that make up a session in the blob store: owner, manifest, receipt, failure.
// docs/formats/ shows each with an example; the JSON codecs here are their only implementation.
//
// Encoding is canonical (fixed field order, no blanks, one '\n' at the end): equal records are equal bytes,
// so a record written twice by a crash is recognised by its SHA-256. Decoding ignores unknown fields, and
// answers kDataLoss with the field's name where something is missing or of the wrong type.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/time.h"
#include "core/digest/sha256.h"
#include "core/records/blob_key.h"
#include "core/records/session_id.h"
#include "core/records/storage_class.h"

namespace seshat::records {

// First write of all under an id: who owns it.
struct Owner {
  std::string session_id;
  std::string source;    // the source's configured name
  std::string agent_id;  // random, made once per journal
  std::string nonce;     // random, made once per session
  Timestamp claimed_at{};
};

struct ManifestFile {
  std::string path;  // relative to the session, raw bytes (JSON holds EncodePath of it)
  std::string key;   // where the bytes lie
  uint64_t size = 0;
  Sha256 sha256;
  uint32_t mode = 0;  // permission bits, 07777
  Timestamp modified_at{};
  StorageClass storage_class = StorageClass::kStandard;  // as written; lifecycle may have moved it since
  std::string checksum;         // the store's transport checksum, "crc64nvme:<base64>"; empty where it has none
  uint32_t since_revision = 1;  // the revision whose upload stored these bytes
};

// An entry that could not be stored, and why: the session is then `partial`.
struct SkippedEntry {
  std::string path;    // raw bytes
  std::string kind;    // "symlink", "fifo", "socket", "device", "unreadable", "name", "other"
  std::string reason;  // for people
};

struct Manifest {
  std::string session_id;
  uint32_t revision = 1;
  std::string source;
  std::string agent_id;
  std::string traceparent;
  Timestamp started_at{};                    // oldest modification time among the files
  Timestamp ended_at{};                      // newest
  Timestamp migrated_at{};                   // when this record was made
  std::optional<std::string> metadata_path;  // which of `files` is the session metadata; raw bytes
  std::vector<ManifestFile> files;           // every file of the session at this revision, sorted by path
  std::vector<SkippedEntry> skipped;         // sorted by path
  std::vector<std::string> removed;          // paths of the revision before that the source no longer has; raw bytes

  uint64_t TotalBytes() const;
  const ManifestFile* Find(std::string_view path) const;
};

struct OutputFile {
  std::string name;  // relative to the output directory, raw bytes (JSON holds EncodePath of it)
  std::string key;
  uint64_t size = 0;
  Sha256 sha256;
  std::string checksum = {};  // as ManifestFile::checksum
};

// One processor version has processed one stored file. Written last, create-only.
struct Receipt {
  std::string session_id;
  std::string path;     // of the input file, raw bytes
  std::string raw_key;  // of the input file
  Sha256 input_sha256;
  std::string processor;
  std::string version;
  std::string worker_id;
  std::string traceparent;
  Timestamp started_at{};
  Timestamp finished_at{};
  int64_t cpu_microseconds = 0;
  int64_t peak_memory_bytes = 0;
  std::vector<OutputFile> outputs;  // the ones that count, sorted by name
};

// All attempts failed: the visible failure of promise P4. A later redrive may still write the receipt, which
// then counts.
struct ProcessingFailure {
  std::string session_id;
  std::string path;
  std::string raw_key;
  std::string processor;
  std::string version;
  std::string reason;    // for people: "exit status 3", "timed out after 60 s"
  std::string log_tail;  // the end of what the processor wrote to stderr, at most 4 KiB, invalid UTF-8 replaced
  uint32_t attempts = 0;
  Timestamp failed_at{};
};

// EncodeManifest in pieces, for sessions whose manifest does not fit in memory:
//   Head, files separated by ',', kManifestSkipped, entries likewise, kManifestRemoved, paths, kManifestTail.
// Head looks at all fields but `files`, `skipped` and `removed`.
std::string EncodeManifestHead(const Manifest& manifest);
std::string EncodeManifestFile(const ManifestFile& file);
std::string EncodeSkippedEntry(const SkippedEntry& entry);
std::string EncodeRemovedPath(std::string_view path);
inline constexpr std::string_view kManifestSkipped = "],\"skipped\":[";
inline constexpr std::string_view kManifestRemoved = "],\"removed\":[";
inline constexpr std::string_view kManifestTail = "]}\n";

std::string EncodeOwner(const Owner& owner);
std::string EncodeManifest(const Manifest& manifest);
std::string EncodeReceipt(const Receipt& receipt);
std::string EncodeProcessingFailure(const ProcessingFailure& failure);

Result<Owner> DecodeOwner(std::string_view json);
Result<Manifest> DecodeManifest(std::string_view json);
Result<Receipt> DecodeReceipt(std::string_view json);
Result<ProcessingFailure> DecodeProcessingFailure(std::string_view json);

}  // namespace seshat::records

namespace seshat {
using records::Manifest;
using records::ManifestFile;
using records::OutputFile;
using records::Owner;
using records::ProcessingFailure;
using records::Receipt;
using records::SkippedEntry;
}  // namespace seshat
