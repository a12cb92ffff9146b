// BlobStore: where files, manifests and results live for ever. The source of truth.
//
// Nothing stored is ever overwritten, and there is no delete: every write is create-only. A read sees all of
// an object or none of it, at once and for every later reader (S3 has been strongly consistent since December
// 2020).
//
// Writing and reading in bulk is by *feed*: the caller's thread enters PutAll or GetAll, and the store pulls
// the next request whenever it has room for one. So concurrency, part sizes and batching of syncs belong to
// the store, memory belongs to the feed, and no callback ever runs on a foreign thread.
//
// Thread safety: every method may be called from several threads at once. A feed and all that its requests
// point to are used only on the thread that called, except BlobSource::ReadAt and BlobSink::WriteAt, which a
// store may call from its own threads and for several ranges at a time.
//
// Adapters: memory (tests), file (a directory tree), s3. Suite: conformance/blob_store/blob_store_suite.h.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/error.h"
#include "core/base/time.h"
#include "core/digest/sha256.h"
#include "core/records/blob_key.h"
#include "core/records/storage_class.h"

namespace seshat {

// The bytes of an object to be stored. ReadAt must be safe from several threads.
class BlobSource {
 public:
  virtual ~BlobSource() = default;
  virtual uint64_t size() const = 0;
  // Fills all of `out` from `offset`; kSourceChanged where the source is shorter than size().
  virtual Status ReadAt(uint64_t offset, MutableByteSpan out) = 0;
  // The store calls this after it has read the last byte and before it does anything that could make the
  // object visible (for a single request to a server: before the last bytes are sent). An error abandons the
  // put: nothing is stored.
  virtual Status CheckUnchanged() = 0;
};

// Where the bytes of an object go. WriteAt must be safe from several threads for ranges that do not overlap.
// After a failed get some ranges may have been written.
class BlobSink {
 public:
  virtual ~BlobSink() = default;
  virtual Status WriteAt(uint64_t offset, ByteSpan data) = 0;
};

// What a resumable put tells its caller to remember. Each call returns only when the state is durable.
class PutJournal {
 public:
  virtual ~PutJournal() = default;
  // An opaque text, ≤ 1 MiB, that replaces the one before: hand it back as PutRequest::resume_state after a
  // crash.
  virtual Status SaveState(std::string_view state) = 0;
  // The digest of the whole body, before the object can become visible.
  virtual Status SaveDigest(const Sha256& digest) = 0;
};

struct PutRequest {
  BlobKey key;
  std::shared_ptr<BlobSource> body;
  StorageClass storage_class = StorageClass::kStandard;
  // The body's digest where the caller knows it: the store then need not compute it. A store that computes it
  // all the same and finds another answers kDataLoss and stores nothing.
  std::optional<Sha256> sha256;
  // Kept beside the object by stores whose capabilities have `attributes`; names [a-z0-9-], values printable
  // ASCII, ≤ 2 KB together (S3's limit).
  std::vector<std::pair<std::string, std::string>> attributes;
  // Not null: the put is resumable, whatever its size, and its outcome can be told even after a crash at any
  // point (see PutAll). Must outlive Done.
  PutJournal* journal = nullptr;
  // The last state saved for this very body, key and store; empty to begin.
  std::string resume_state;
  // The caller's own, handed back in Done.
  uint64_t tag = 0;
};

struct PutOutcome {
  Sha256 sha256;
  uint64_t size = 0;
  StorageClass storage_class = StorageClass::kStandard;  // the one in effect
  std::string checksum;  // the store's verified transport checksum, "crc64nvme:<base64>"; empty where it has none
};

class PutFeed {
 public:
  virtual ~PutFeed() = default;
  // The next object to store, or nothing when there is none at the moment. The store asks again whenever it
  // has room after a Done, and at least once a second while anything is in flight.
  virtual std::optional<PutRequest> Next() = 0;
  // Exactly once for every request that Next gave. On success the object is durable and complete.
  virtual void Done(uint64_t tag, Result<PutOutcome> outcome) = 0;
};

enum class ArchiveState {
  kReadable,   // can be read now
  kArchived,   // cold: Restore first
  kRestoring,  // on its way: hours
  kRestored,   // readable copy until BlobInfo::restored_until
};

struct BlobInfo {
  std::string key;
  uint64_t size = 0;
  StorageClass storage_class = StorageClass::kStandard;
  ArchiveState archive_state = ArchiveState::kReadable;
  std::optional<Timestamp> restored_until;
  Timestamp modified_at{};
  std::string checksum;  // as in PutOutcome; empty in listings of stores that do not tell it there
  std::vector<std::pair<std::string, std::string>> attributes;  // Stat only
};

struct GetRequest {
  BlobKey key;
  uint64_t offset = 0;
  std::optional<uint64_t> length;  // absent: to the end
  std::shared_ptr<BlobSink> sink;  // written at positions counted from `offset`
  uint64_t tag = 0;
};

class GetFeed {
 public:
  virtual ~GetFeed() = default;
  virtual std::optional<GetRequest> Next() = 0;                   // as PutFeed::Next
  virtual void Done(uint64_t tag, Result<BlobInfo> outcome) = 0;  // exactly once for every request
};

struct ListOptions {
  std::string prefix;  // any text; keys that start with these bytes
  // Entries greater than this, by bytes; a folder counts by its own text. Empty: from the first.
  std::string start_after;
  size_t limit = 1000;  // 1–1000 entries in a page (S3's limit)
  // Folds all keys that share the text up to the first '/' behind `prefix` into one entry of `folders`.
  bool fold_folders = false;
};

struct ListPage {
  std::vector<BlobInfo> blobs;       // ordered by key bytes
  std::vector<std::string> folders;  // with their '/' at the end, ordered; each counts against the limit
  std::string next_start_after;      // empty: that was all
};

enum class RestoreTier { kStandard, kBulk };

struct RestoreOptions {
  RestoreTier tier = RestoreTier::kBulk;
  int days = 7;  // how long the readable copy is kept, 1–30
};

class BlobStore {
 public:
  struct Capabilities {
    bool storage_classes = false;  // reports the class that was asked for; otherwise everything is kStandard
    bool archive = false;          // objects can become kArchived, and Restore works; otherwise Restore: kUnsupported
    bool attributes = false;       // Stat returns PutRequest::attributes; otherwise they are dropped
    bool nested_keys = false;      // "a" and "a/b" can both exist; otherwise the second is refused, kInvalidArgument
    uint64_t max_object_bytes = UINT64_MAX;
  };

  virtual ~BlobStore() = default;
  virtual const Capabilities& capabilities() const = 0;

  // Stores what `feed` hands out; returns when nothing is in flight and Next gave nothing.
  // After Done with success: the object is there, durable, whole, and its bytes had the digest in the
  // outcome. Errors, through Done: kAlreadyExists (the key is taken: nothing was changed; for a put with
  // `resume_state` this means that *somebody else's* object is there: an own put that had already taken
  // effect answers success again), kSourceChanged (from the body; nothing is stored), kDataLoss (a checksum
  // did not match; nothing is stored), kResourceExhausted, kPermissionDenied, kUnauthenticated, kUnavailable,
  // kInvalidArgument, kCancelled. After any error but kAlreadyExists a put without a journal may or may not
  // have taken effect when the answer was lost on the way (kUnavailable, kDeadlineExceeded): repeat it, and
  // kAlreadyExists with your own digest is your own write. kNotFound for a `resume_state` that the store no
  // longer knows and whose object is not there: begin anew. (A store that may not read answers so even when
  // somebody's object is there; the new put finds it.) When `stop` is triggered, requests in flight end
  // with kCancelled, resumable ones after saving their state. Blocks as long as the feed has work. A writer
  // needs no right to read, list or probe.
  virtual void PutAll(PutFeed& feed, std::stop_token stop) = 0;

  // Forgets a resumable put that was begun and not finished, and frees what it holds. Unknown states succeed.
  virtual Status Abandon(const BlobKey& key, std::string_view resume_state) = 0;

  // Reads what `feed` asks for. Errors through Done: kNotFound, kArchived (restore it first),
  // kPermissionDenied, kDataLoss (the store's own checksum failed), kInvalidArgument (offset beyond the end),
  // what the sink answered, kCancelled. A whole-object get is checked against the store's own checksum where
  // it has one; callers still compare SHA-256.
  virtual void GetAll(GetFeed& feed, std::stop_token stop) = 0;

  // kNotFound; kPermissionDenied for a writer.
  virtual Result<BlobInfo> Stat(const BlobKey& key) = 0;

  // One page in the order of key bytes. An object stored before the call began is listed. kPermissionDenied
  // for a writer.
  virtual Result<ListPage> List(const ListOptions& options) = 0;

  // Asks for a readable copy of a cold object; it becomes kRestoring, hours later kRestored. Repeating is
  // harmless. Success at once for a readable object. kNotFound, kUnsupported without `archive`.
  virtual Status Restore(const BlobKey& key, const RestoreOptions& options) = 0;

  // For people and for other programs: "file:///srv/store/id/raw/a.bin", "s3://bucket/id/raw/a.bin". No I/O.
  virtual std::string Url(const BlobKey& key) const = 0;
};

// Whether a caller may read: the migration agent gets a store that refuses to (kPermissionDenied), as its
// cloud role does.
enum class BlobAccess { kReadWrite, kWriteOnly };

}  // namespace seshat
