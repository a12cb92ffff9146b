// One session on its way into the store: plan, owner, files, a last look at the source, manifest, commit. Whatever
// ends it early (a change at the source, trouble of the store, a crash), beginning anew from the journal goes on
// where it was.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "ports/blob_store.h"
#include "services/migration/upload/file_upload.h"
#include "services/migration/upload/manifest_text.h"
#include "services/migration/upload/upload_context.h"

namespace seshat::migration {

class SessionUpload {
 public:
  SessionUpload(UploadContext& context, SourceRuntime& source, SessionRecord record);
  ~SessionUpload();

  const SessionRef& session() const { return record_.session; }
  const SourceRuntime& source() const { return source_; }

  // The next put, or nothing for now. Tags are this object's own.
  std::optional<PutRequest> Next();
  void Done(uint64_t tag, const Result<PutOutcome>& outcome);
  bool finished() const { return step_ == Step::kFinished; }
  // The run ends: what is known and not journaled yet is saved.
  void Suspend();

 private:
  // Tags of this object: files have their own, from 1 on.
  static constexpr uint64_t kOwnerTag = UINT64_MAX;
  static constexpr uint64_t kManifestTag = UINT64_MAX - 1;
  // And pages of the manifest by their place, from here on.
  static constexpr uint64_t kFirstPageTag = uint64_t{1} << 63;
  enum class Step { kBegin, kOwner, kFiles, kVerify, kPages, kManifest, kWait, kLeaving, kFinished };
  // Keeps the state of the owner's or the manifest's put in the session's progress. Their digests follow from what is
  // journaled already.
  class StateJournal : public PutJournal {
   public:
    StateJournal(SessionUpload& upload, std::string Progress::* field) : upload_(upload), field_(field) {}
    Status SaveState(std::string_view state) override {
      upload_.progress_.*field_ = state;
      return upload_.SaveProgress();
    }
    Status SaveDigest(const Sha256&) override { return {}; }

   private:
    SessionUpload& upload_;
    std::string Progress::* field_;
  };

  // One step; a put where the step makes one.
  Result<std::optional<PutRequest>> Advance();
  Status Begin();
  Status MakePlan();
  Result<PutRequest> OwnerRequest();
  Status Verify();
  Status Seal();
  // The next page of the manifest; nothing where those under way must end first, or none is left.
  Result<std::optional<PutRequest>> NextPage();
  Status PageDone(uint64_t tag, const Result<PutOutcome>& outcome);
  Result<PutRequest> ManifestRequestNow();
  Status OwnerDone(const Result<PutOutcome>& outcome);
  Status ManifestDone(const Result<PutOutcome>& outcome);
  void WarnOfArchive() const;
  Status Commit();
  Timestamp RecheckAt(const ManifestSurvey& survey) const;
  Status SettleWithoutRevision(const ManifestSurvey& survey);
  ManifestRequest RequestOfManifest() const;
  Status Conflict(std::string_view problem);

  // Ends this attempt once nothing is in flight.
  void GiveUp(Error reason);
  bool in_flight() const { return pages_in_flight_ > 0 || (files_ && files_->in_flight() > 0); }
  void Conclude();
  void NoteLoss(const Status& saved);
  // The span of this attempt; `anew`: the trace begins here, no scan has seen anything new.
  void StartSpan(bool anew);
  Status SaveProgress();

  UploadContext& context_;
  SourceRuntime& source_;
  SessionRecord record_;
  Progress& progress_ = record_.progress;
  Step step_ = Step::kBegin;
  Span span_;    // of this attempt
  Span commit_;  // of its last part
  PlanNumbers numbers_;
  std::unique_ptr<FileUpload> files_;
  JournalChange also_;  // goes along with the next batch of files
  std::unique_ptr<StateJournal> owner_journal_;
  std::unique_ptr<StateJournal> manifest_journal_;
  std::optional<ManifestSurvey> survey_;
  ManifestText manifest_;
  std::optional<ManifestPages> pages_;  // those to be stored
  size_t next_page_ = 0;                // of manifest_.pages
  size_t pages_in_flight_ = 0;
  bool manifest_fresh_ = false;  // no earlier put of it can have happened
  std::optional<Error> reason_;  // of giving up
  std::chrono::steady_clock::time_point begun_;
};

}  // namespace seshat::migration
