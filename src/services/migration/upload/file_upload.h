// The files of one session's plan, one after the other: opened, read, hashed, their intents journaled, handed out
// as puts, and their outcomes remembered.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/error.h"
#include "core/records/session_id.h"
#include "ports/blob_store.h"
#include "services/migration/upload/file_plan.h"
#include "services/migration/upload/upload_body.h"
#include "services/migration/upload/upload_context.h"

namespace seshat::migration {

class FileUpload {
 public:
  // `attempts` of the session so far: a file that could not be read in three of them is skipped. `span` is the upload's
  // and must outlive it.
  FileUpload(UploadContext& context, SourceRuntime& source, SessionRef session, SessionId id, PlanNumbers numbers,
             uint32_t attempts, const Span& span);
  ~FileUpload();

  // The next put; nothing where others must end first, or a limit holds, or all files are done. `also` goes into
  // the next journal transaction and is emptied then. Errors: kSourceChanged: the session is not ready; others
  // as the source or the journal say.
  Result<std::optional<PutRequest>> Next(JournalChange& also);
  // Error as above; the store's own trouble halts the context instead.
  Status Done(uint64_t tag, const Result<PutOutcome>& outcome);

  bool exhausted() const {
    return exhausted_ && page_.empty() && again_.empty() && ready_.empty() && in_flight_.empty();
  }
  size_t in_flight() const { return in_flight_.size(); }
  // Puts that were made ready and never handed out are forgotten; outcomes not journaled yet go to `change`.
  void Leave(JournalChange& change);

 private:
  class Journal;
  struct Put {
    FileRecord file;
    bool fresh = true;  // no earlier put of this file to this key can have happened
    uint64_t buffered = 0;
    Timestamp begun{};                 // handed to the store
    std::shared_ptr<UploadBody> body;  // large files
    std::unique_ptr<Journal> journal;  // large files
  };
  struct ReadFile {
    FileRecord file;
    std::string bytes;
  };
  using Batch = std::vector<std::pair<PutRequest, Put>>;

  Result<std::optional<FileRecord>> NextFile();
  // Makes a batch of small files ready, or a large one.
  Status Fill(JournalChange& also);
  Status ReadSmall(FileRecord file, std::vector<ReadFile>& read);
  // Hashes them side by side; those whose very bytes are stored already are settled.
  void PrepareSmall(std::vector<ReadFile> read, Batch& batch);
  void PlanSmall(ReadFile read, const Sha256& sha256, Batch& batch);
  // Journals the intents of a batch, then makes it ready.
  Status Intend(Batch batch, JournalChange& also);
  Status PrepareLarge(FileRecord file);
  // The file as planned, or nothing where its record was settled otherwise (skipped, kept).
  Result<std::optional<SourceFile>> OpenAsPlanned(FileRecord& file);
  // kPermissionDenied: skipped. kUnavailable (a fault of disk or mount): the same at the last attempt. Otherwise the
  // error itself.
  Status Unreadable(FileRecord file, const Error& error);
  void Settle(FileRecord file, const Sha256& sha256, const PutOutcome* outcome);
  BlobKey KeyOf(const FileRecord& file) const;
  Status AlreadyThere(Put put);
  // A span for a put that was slow or failed.
  void Trace(const Put& put, const Result<PutOutcome>& outcome) const;

  UploadContext& context_;
  SourceRuntime& source_;
  SessionRef session_;
  SessionId id_;
  PlanNumbers numbers_;
  bool last_attempt_;
  const Span& span_;

  std::deque<FileRecord> page_;
  std::string cursor_;
  bool exhausted_ = false;        // the journal has no more unfinished files
  std::deque<FileRecord> again_;  // to be put under another key
  std::deque<std::pair<PutRequest, Put>> ready_;
  std::unordered_map<uint64_t, Put> in_flight_;
  std::vector<FileRecord> outcomes_;  // finished, not journaled yet: lost, they are found out again
  uint64_t next_tag_ = 1;
};

}  // namespace seshat::migration
