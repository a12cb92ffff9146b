// The last part of a session's upload: one more look at the source, the manifest, the commit.
#include <utility>

#include "core/records/keys.h"
#include "core/records/manifest.h"
#include "core/records/storage_class.h"
#include "ports/blob_transfer.h"
#include "ports/random.h"
#include "ports/span_names.h"
#include "services/migration/base/metric_names.h"
#include "services/migration/upload/session_plan.h"
#include "services/migration/upload/session_upload.h"

namespace seshat::migration {

ManifestRequest SessionUpload::RequestOfManifest() const {
  return {.session = record_.session,
          .revision = progress_.revision + 1,
          .plan = progress_.plan,
          .committed_plan = progress_.committed_plan,
          .agent_id = context_.agent_id,
          .traceparent = progress_.traceparent,
          .migrated_at = progress_.sealed_at};
}

Status SessionUpload::Verify() {
  JournalChange change = std::exchange(also_, {});
  files_->Leave(change);
  if (!change.files.empty() || !change.progress.empty()) SESHAT_TRY(context_.Save(change));
  SESHAT_ASSIGN(const Fingerprint now, FingerprintNow(source_, record_.session.id, context_.stop));
  if (now != progress_.planned) return Fail(ErrorCode::kSourceChanged, "the session changed while it was uploaded");
  return Seal();
}

Status SessionUpload::Seal() {
  commit_ = span_.Child("commit session");
  progress_.sealed_at = context_.ports.clock.Now();
  SESHAT_ASSIGN(auto survey, SurveyManifest(context_.ports.journal, *source_.layout, RequestOfManifest()));
  if (!survey.changed) return SettleWithoutRevision(survey);
  SESHAT_ASSIGN(manifest_,
                MakeManifestText(context_.ports.journal, RequestOfManifest(), survey, context_.options.manifest));
  survey_ = std::move(survey);
  progress_.stage = Stage::kSealed;
  progress_.manifest_sha256 = manifest_.sha256;
  progress_.manifest_put_state.clear();
  SESHAT_TRY(SaveProgress());
  manifest_fresh_ = true;
  step_ = Step::kPages;
  return {};
}

Result<std::optional<PutRequest>> SessionUpload::NextPage() {
  if (next_page_ == manifest_.pages.size()) return std::nullopt;
  const ManifestPageRef& expected = manifest_.pages[next_page_];
  const uint64_t buffered = context_.buffered;
  if (buffered > 0 && buffered + expected.size > context_.options.buffered_bytes) return std::nullopt;
  if (!pages_) {
    SESHAT_ASSIGN(pages_, ManifestPages::Make(context_.ports.journal, RequestOfManifest(), context_.options.manifest));
  }
  SESHAT_ASSIGN(auto page, pages_->Next());
  if (!page || page->ref != expected)
    return Fail(ErrorCode::kInternal, "the journal changed while the manifest was stored");
  SESHAT_ASSIGN(auto key, BlobKey::Parse(expected.key));
  context_.buffered += expected.size;
  ++pages_in_flight_;
  return PutRequest{.key = std::move(key),
                    .body = SourceFromBytes(std::move(page->text)),
                    .sha256 = expected.sha256,
                    .tag = kFirstPageTag + next_page_++};
}

Status SessionUpload::PageDone(uint64_t tag, const Result<PutOutcome>& outcome) {
  const ManifestPageRef& page = manifest_.pages[tag - kFirstPageTag];
  context_.buffered -= page.size;
  --pages_in_flight_;
  // Already there, under an id of ours and a key that holds its digest: it was stored before a crash.
  if (outcome || outcome.error().code == ErrorCode::kAlreadyExists) return {};
  context_.Halt(Error(outcome.error()).WithContext("storing " + page.key));
  return {};
}

Result<PutRequest> SessionUpload::ManifestRequestNow() {
  SESHAT_ASSIGN(const auto id, SessionId::Parse(record_.session.id));
  SESHAT_ASSIGN(auto key, keys::Manifest(id, progress_.revision + 1));
  PutRequest request{
      .key = std::move(key), .body = SourceFromBytes(manifest_.text), .sha256 = manifest_.sha256, .tag = kManifestTag};
  if (manifest_.text.size() > context_.options.small_file_bytes) {
    manifest_journal_ = std::make_unique<StateJournal>(*this, &Progress::manifest_put_state);
    request.journal = manifest_journal_.get();
    request.resume_state = progress_.manifest_put_state;
  }
  return request;
}

Status SessionUpload::ManifestDone(const Result<PutOutcome>& outcome) {
  if (outcome) {
    progress_.manifest_sha256 = outcome->sha256;
    WarnOfArchive();
    return Commit();
  }
  switch (outcome.error().code) {
    case ErrorCode::kAlreadyExists:
      // Sealed before by this journal, and not known to have been put: it was. The digest journaled then is the one
      // of the bytes that are there (a newer version of this program might write others).
      if (!manifest_fresh_ && manifest_journal_ == nullptr) return Commit();
      return Conflict(
          "the store has a manifest of this revision that this agent did not write. Was its state "
          "directory restored from a copy, or is it used twice?");
    case ErrorCode::kNotFound:
      if (!progress_.manifest_put_state.empty()) {
        progress_.manifest_put_state.clear();
        step_ = Step::kManifest;
        return SaveProgress();
      }
      [[fallthrough]];
    default:
      context_.Halt(Error(outcome.error()).WithContext("storing the manifest of " + record_.session.id));
      return {};
  }
}

// Now, while there is a year left: later it is found out when somebody needs the session and has to wait for a restore.
void SessionUpload::WarnOfArchive() const {
  if (!context_.ports.store.capabilities().archive) return;
  if (manifest_.text.size() <= records::ArchiveBorderBytes(context_.options.prices)) return;
  context_.ports.logger.Warning(
      "a manifest is larger than what a bucket's lifecycle rule sends to the archive when it is old; nothing "
      "of its session could then be read without a restore. Set the rule to a larger size: `seshat aws init "
      "--archive-above SIZE`",
      {{"source", record_.session.source}, {"session", record_.session.id}, {"bytes", manifest_.text.size()}});
}

Timestamp SessionUpload::RecheckAt(const ManifestSurvey& survey) const {
  if (survey.unreadable == 0) return {};
  return context_.ports.clock.Now() + context_.options.recheck_unreadable;
}

Status SessionUpload::Commit() {
  const Ports& ports = context_.ports;
  const Timestamp now = ports.clock.Now();
  progress_.revision += 1;
  progress_.committed_plan = progress_.plan;
  progress_.committed_at = now;
  progress_.settled = progress_.planned;
  progress_.stored_files = survey_->files;
  progress_.stored_bytes = survey_->bytes;
  progress_.skipped = survey_->skipped;
  progress_.stage = Stage::kIdle;
  progress_.manifest_put_state.clear();
  progress_.attempts = 0;
  progress_.problem.clear();
  progress_.cleaned_at = {};
  progress_.retry_at = {};
  progress_.recheck_at = RecheckAt(*survey_);
  SESHAT_ASSIGN(const auto id, SessionId::Parse(record_.session.id));
  SESHAT_ASSIGN(const auto key, keys::Manifest(id, progress_.revision));
  const SessionMigrated data{.session_id = record_.session.id,
                             .revision = progress_.revision,
                             .manifest_key = key.value(),
                             .manifest_sha256 = progress_.manifest_sha256.value_or(Sha256{}),
                             .source = record_.session.source};
  JournalChange change;
  change.progress.emplace_back(record_.session, progress_);
  change.outbox.push_back({.id = RandomId(ports.random),
                           .type = std::string(SessionMigrated::kType),
                           .source = "seshat/agent/" + record_.session.source,
                           .subject = record_.session.id,
                           .time = now,
                           .traceparent = commit_.traceparent(),
                           .data = data.ToData()});
  SESHAT_TRY(context_.Save(change));
  step_ = Step::kFinished;
  span_.Set(span_names::kFiles, survey_->files);
  span_.Set(span_names::kBytes, survey_->bytes);
  span_.Set("seshat.skipped", survey_->skipped);
  context_.committed = true;
  ++context_.summary.sessions;
  const MetricLabels labels = {{"source", record_.session.source}};
  ports.metrics.Record(metric::kSessions, 1, labels);
  ports.metrics.Record(metric::kSkipped, static_cast<double>(survey_->skipped), labels);
  const std::chrono::duration<double> took = ports.clock.SteadyNow() - begun_;
  ports.metrics.Record(metric::kUploadSeconds, took.count(), labels);
  ports.logger.Info(survey_->skipped > 0 ? "session is stored, but for what could not be read" : "session is stored",
                    commit_,
                    {{"source", record_.session.source},
                     {"session", record_.session.id},
                     {"revision", progress_.revision},
                     {"files", survey_->files},
                     {"bytes", survey_->bytes},
                     {"skipped", survey_->skipped}});
  return {};
}

Status SessionUpload::SettleWithoutRevision(const ManifestSurvey& survey) {
  progress_.settled = progress_.planned;
  // The records carry this plan's number now, and say the same as the manifest does.
  progress_.committed_plan = progress_.plan;
  progress_.stage = Stage::kIdle;
  progress_.attempts = 0;
  progress_.problem.clear();
  progress_.retry_at = {};
  progress_.recheck_at = RecheckAt(survey);
  step_ = Step::kFinished;
  span_.Set(span_names::kOutcome, "nothing new");
  return SaveProgress();
}

}  // namespace seshat::migration
