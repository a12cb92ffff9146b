// Where everything lies in the blob store. docs/formats/keys.md explains the layout; this is its only
// implementation: each name is written here and read here, and nowhere else.
//
// A Parse… function answers only for what its writer makes: it takes the key apart, writes it again, and compares.
// Where a name was too long and a digest stands for it, the key alone cannot tell the name. The record under such a
// key does, and it is held against the key in the same way.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/digest/sha256.h"
#include "core/records/blob_key.h"
#include "core/records/session_id.h"

namespace seshat::records::keys {

// "<id>/": everything of a session lies below it.
std::string SessionPrefix(const SessionId& id);
// The session whose prefix `folder` is; nothing for any other text.
std::optional<SessionId> ParseSessionPrefix(std::string_view folder);

// <id>/owner.json
BlobKey Owner(const SessionId& id);
bool IsOwner(const SessionId& id, std::string_view key);

// A raw file of revision `revision` (from 1). `path` is the file's path below the session, raw bytes.
// `rewrite` is 0 for the usual key. Where a file changed after its bytes were stored but before the revision
// was committed, that key is burnt (nothing is ever overwritten) and the file goes to rewrite 1, 2, …:
//   <id>/raw/<path>, <id>/raw.r<N>/<path>, <id>/raw.r<N>.w<K>/<path>
// kInvalidArgument when the key would pass 1,024 bytes or the path is not relative and clean.
Result<BlobKey> Raw(const SessionId& id, uint32_t revision, uint32_t rewrite, std::string_view path);

struct RawName {
  uint32_t revision = 1;
  uint32_t rewrite = 0;
  std::string path;  // raw bytes
  bool operator==(const RawName&) const = default;
};
std::optional<RawName> ParseRaw(const SessionId& id, std::string_view key);

// <id>/manifests/<NNNNNN>.json; revisions 1–999,999.
Result<BlobKey> Manifest(const SessionId& id, uint32_t revision);
std::string ManifestPrefix(const SessionId& id);  // "<id>/manifests/"
// The revision that a manifest key names, or nothing for any other key.
std::optional<uint32_t> RevisionOfManifest(const SessionId& id, std::string_view key);

// <id>/manifest-pages/<NNNNNN>/<PPPPPP>-<sha256>.json: page P, from 1, of revision N. The digest of its bytes is part of
// the key, so whatever lies there has these bytes: a page that is put again is the same page, and other bytes (a newer
// version of the program might write others) have another key. Pages have a prefix of their own, so that a listing of
// the manifests stays short and finds nothing but manifests.
// kResourceExhausted beyond 999,999 pages; kInvalidArgument as in Manifest.
Result<BlobKey> ManifestPage(const SessionId& id, uint32_t revision, uint32_t page, const Sha256& sha256);
std::string ManifestPagesPrefix(const SessionId& id);  // "<id>/manifest-pages/"
// What such a key names, or nothing for any other key.
struct ManifestPageName {
  uint32_t revision = 0;
  uint32_t page = 0;
  Sha256 sha256;
};
std::optional<ManifestPageName> ParseManifestPage(const SessionId& id, std::string_view key);

std::string ProcessedPrefix(const SessionId& id);  // "<id>/processed/"
// "<id>/processed/<processor>-<version>/". Both parts may hold dashes, so it cannot be taken apart.
std::string ProcessorPrefix(const SessionId& id, std::string_view processor, std::string_view version);

// <id>/processed/<processor>-<version>/<place>/ — with the slash at the end. The place is the raw key without the
// id; where that would leave less than about 190 bytes for what comes behind it, "long-<SHA-256 of the raw key>"
// stands for the raw key, so that every stored file can have results.
std::string ResultPrefix(const SessionId& id, std::string_view processor, std::string_view version,
                         const BlobKey& raw_key);
// Every place that results of this file can have, whatever the processor is called: one, or two for a long key.
std::vector<std::string> ResultPlaces(const SessionId& id, const BlobKey& raw_key);

// The records below a result prefix: receipt.json, failure-<NNN>.json with numbers from 1.
BlobKey Receipt(const std::string& result_prefix);
BlobKey Failure(const std::string& result_prefix, uint32_t number);
std::string FailurePrefix(const std::string& result_prefix);  // all failure records of one place

struct RecordName {
  std::string key;
  std::string folder;            // "<processor>-<version>"
  std::string place;             // as in ResultPrefix
  std::optional<RawName> input;  // the file that it is about; absent where a digest stands for it
  bool receipt = false;          // otherwise a failure record
  uint32_t number = 0;           // of a failure record

  // Everything before the record's own name, with the slash: what ResultPrefix made.
  std::string result_prefix() const { return key.substr(0, key.rfind('/') + 1); }
};
// The record that a key below ProcessedPrefix names; nothing for an output or any other key.
std::optional<RecordName> ParseRecord(const SessionId& id, std::string_view key);

// Where an output of a run lies, whatever name the processor gave it (raw bytes, relative and clean):
//   <result prefix><name>, or <result prefix>attempt-<nonce>/<name> where the first key was taken by other bytes.
// For a name that is too long for a key, or that could be taken for a name of ours (a segment "receipt.json" or
// "failure-…", a first segment "attempt-…" or "output-…"), "output-<SHA-256 of the name>" stands. The receipt keeps
// the real name beside the key. `nonce`: at most 32 characters, no slash. kInvalidArgument for an unclean name.
Result<BlobKey> Output(const std::string& result_prefix, std::string_view name);
Result<BlobKey> AttemptOutput(const std::string& result_prefix, std::string_view nonce, std::string_view name);

struct OutputName {
  std::string nonce;                // empty: the plain key
  std::optional<std::string> name;  // raw bytes; absent where a digest stands for it
  bool operator==(const OutputName&) const = default;
};
std::optional<OutputName> ParseOutput(const std::string& result_prefix, std::string_view key);
// Whether an output of this name may lie under this key, in its plain place or in that of an attempt.
bool IsOutputOf(const std::string& result_prefix, std::string_view name, std::string_view key);

// All datasets lie below this. No session id starts with a dot, so none is ever taken for a session.
inline constexpr std::string_view kDatasetPrefix = ".datasets/";
// .datasets/<name>.json; the name as CheckName has it.
Result<BlobKey> DatasetRecord(std::string_view name);
std::optional<std::string> ParseDatasetRecord(std::string_view key);

}  // namespace seshat::records::keys

namespace seshat {
namespace keys = records::keys;
}  // namespace seshat
