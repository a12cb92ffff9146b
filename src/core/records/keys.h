// Where everything lies in the blob store. docs/formats/keys.md explains the layout; this is its only
// implementation.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/records/blob_key.h"
#include "core/records/session_id.h"

namespace seshat::records::keys {

// <id>/owner.json
BlobKey Owner(const SessionId& id);

// A raw file of revision `revision` (from 1). `path` is the file's path below the session, raw bytes.
// `rewrite` is 0 for the usual key. Where a file changed after its bytes were stored but before the revision
// was committed, that key is burnt (nothing is ever overwritten) and the file goes to rewrite 1, 2, …:
//   <id>/raw/<path>, <id>/raw.r<N>/<path>, <id>/raw.r<N>.w<K>/<path>
// kInvalidArgument when the key would pass 1,024 bytes or the path is not relative and clean.
Result<BlobKey> Raw(const SessionId& id, uint32_t revision, uint32_t rewrite, std::string_view path);

// <id>/manifests/<NNNNNN>.json; revisions 1–999,999.
Result<BlobKey> Manifest(const SessionId& id, uint32_t revision);
std::string ManifestPrefix(const SessionId& id);  // "<id>/manifests/"
// The revision that a manifest key names, or nothing for any other key.
std::optional<uint32_t> RevisionOfManifest(const SessionId& id, std::string_view key);

// <id>/processed/<processor>-<version>/<raw key without the id>/ — with the slash at the end. Where
// that would leave less than about 190 bytes for what comes behind it, "long-<SHA-256 of the raw key>" stands for
// the raw key, so that every stored file can have results.
std::string ResultPrefix(const SessionId& id, std::string_view processor, std::string_view version,
                         const BlobKey& raw_key);
std::string ProcessedPrefix(const SessionId& id);  // "<id>/processed/"

}  // namespace seshat::records::keys

namespace seshat {
namespace keys = records::keys;
}  // namespace seshat
