#include "services/migration/upload/session_upload.h"

#include <utility>

#include "core/records/keys.h"
#include "core/records/manifest.h"
#include "ports/blob_transfer.h"
#include "ports/random.h"
#include "ports/span_names.h"
#include "services/migration/base/metric_names.h"
#include "services/migration/upload/session_plan.h"

namespace seshat::migration {
namespace {

// A conflict ends when a person renames a session or removes the other; looking now and then costs one request.
constexpr std::chrono::hours kConflictRetry{1};

}  // namespace

SessionUpload::SessionUpload(UploadContext& context, SourceRuntime& source, SessionRecord record)
    : context_(context), source_(source), record_(std::move(record)), begun_(context.ports.clock.SteadyNow()) {}
SessionUpload::~SessionUpload() = default;

void SessionUpload::StartSpan(bool anew) {
  SpanOptions options;
  if (const auto ids = TraceContext::Parse(progress_.traceparent)) (anew ? options.self : options.parent) = *ids;
  span_ = context_.ports.tracer.Start("upload session", options);
  span_.Set(span_names::kSource, record_.session.source);
  span_.Set(span_names::kSession, record_.session.id);
  span_.Set(span_names::kRevision, progress_.revision + 1);
}

Status SessionUpload::SaveProgress() {
  JournalChange change;
  change.progress.emplace_back(record_.session, progress_);
  return context_.Save(change);
}

std::optional<PutRequest> SessionUpload::Next() {
  while (step_ != Step::kWait && step_ != Step::kFinished && !context_.halted()) {
    const Step before = step_;
    auto request = Advance();
    if (!request) {
      GiveUp(std::move(request).error());
    } else if (*request) {
      return *std::move(request);
    } else if (step_ == before) {
      return std::nullopt;
    }
  }
  return std::nullopt;
}

Result<std::optional<PutRequest>> SessionUpload::Advance() {
  switch (step_) {
    case Step::kBegin:
      SESHAT_TRY(Begin());
      return std::nullopt;
    case Step::kOwner: {
      SESHAT_ASSIGN(auto request, OwnerRequest());
      step_ = Step::kWait;
      return request;
    }
    case Step::kFiles: {
      SESHAT_ASSIGN(auto request, files_->Next(also_));
      if (!request && files_->exhausted()) step_ = Step::kVerify;
      return request;
    }
    case Step::kVerify:
      SESHAT_TRY(Verify());
      return std::nullopt;
    case Step::kPages: {
      SESHAT_ASSIGN(auto request, NextPage());
      if (!request && next_page_ == manifest_.pages.size() && pages_in_flight_ == 0) step_ = Step::kManifest;
      return request;
    }
    case Step::kManifest: {
      SESHAT_ASSIGN(auto request, ManifestRequestNow());
      step_ = Step::kWait;
      return request;
    }
    case Step::kLeaving:
      if (!in_flight()) Conclude();
      return std::nullopt;
    case Step::kWait:
    case Step::kFinished:
      return std::nullopt;
  }
  return std::nullopt;
}

Status SessionUpload::Begin() {
  if (progress_.stage != Stage::kSealed) return MakePlan();
  // A crash or trouble came between the last look at the source and the commit.
  StartSpan(false);
  commit_ = span_.Child("commit session");
  SESHAT_ASSIGN(auto survey, SurveyManifest(context_.ports.journal, *source_.layout, RequestOfManifest()));
  SESHAT_ASSIGN(manifest_,
                MakeManifestText(context_.ports.journal, RequestOfManifest(), survey, context_.options.manifest));
  survey_ = std::move(survey);
  manifest_fresh_ = false;
  step_ = Step::kPages;
  return {};
}

Status SessionUpload::MakePlan() {
  const Observation& seen = record_.observation;
  // A recheck of an unchanged session is a fact of its own.
  const bool anew = seen.fingerprint == progress_.settled;
  progress_.traceparent = anew ? NewTrace(context_.ports.random).ToString() : seen.traceparent;
  StartSpan(anew);
  ++progress_.plan;
  progress_.stage = Stage::kUploading;
  progress_.planned = seen.fingerprint;
  if (progress_.ownership != Ownership::kOwned) {
    progress_.ownership = Ownership::kClaiming;
    if (progress_.nonce.empty()) {
      progress_.nonce = RandomId(context_.ports.random);
      progress_.claimed_at = context_.ports.clock.Now();
    }
  }
  numbers_ = {.plan = progress_.plan,
              .committed_plan = progress_.committed_plan,
              .target = progress_.revision + 1,
              .small_file_bytes = context_.options.small_file_bytes};
  SESHAT_ASSIGN(const auto plan, PlanSession(context_, source_, record_.session, progress_, numbers_));
  if (plan.fingerprint != progress_.planned)
    return Fail(ErrorCode::kSourceChanged, "the session changed after it was judged complete");
  SESHAT_ASSIGN(auto id, SessionId::Parse(record_.session.id));
  files_ = std::make_unique<FileUpload>(context_, source_, record_.session, std::move(id), numbers_, progress_.attempts,
                                        span_);
  step_ = progress_.ownership == Ownership::kOwned ? Step::kFiles : Step::kOwner;
  return {};
}

Result<PutRequest> SessionUpload::OwnerRequest() {
  SESHAT_ASSIGN(const auto id, SessionId::Parse(record_.session.id));
  std::string text = records::EncodeOwner({.session_id = record_.session.id,
                                           .source = record_.session.source,
                                           .agent_id = context_.agent_id,
                                           .nonce = progress_.nonce,
                                           .claimed_at = progress_.claimed_at});
  owner_journal_ = std::make_unique<StateJournal>(*this, &Progress::owner_put_state);
  const Sha256 sha256 = Sha256::Of(AsBytes(text));
  return PutRequest{.key = keys::Owner(id),
                    .body = SourceFromBytes(std::move(text)),
                    .sha256 = sha256,
                    .journal = owner_journal_.get(),
                    .resume_state = progress_.owner_put_state,
                    .tag = kOwnerTag};
}

void SessionUpload::Done(uint64_t tag, const Result<PutOutcome>& outcome) {
  const Status status = tag == kOwnerTag       ? OwnerDone(outcome)
                        : tag == kManifestTag  ? ManifestDone(outcome)
                        : tag >= kFirstPageTag ? PageDone(tag, outcome)
                                               : files_->Done(tag, outcome);
  if (!status) GiveUp(status.error());
  if (step_ == Step::kLeaving && !in_flight()) Conclude();
}

Status SessionUpload::OwnerDone(const Result<PutOutcome>& outcome) {
  if (outcome) {
    progress_.ownership = Ownership::kOwned;
    progress_.owner_put_state.clear();
    // Journaled with the first intents: until then a restart claims again, and is answered the same.
    also_.progress.emplace_back(record_.session, progress_);
    step_ = Step::kFiles;
    return {};
  }
  if (outcome.error().code == ErrorCode::kAlreadyExists)
    return Conflict(
        "another source has already stored a session of this id; nothing was sent. Rename the session "
        "at one of the two sources. (Where there is only one, its agent has lost the journal with which it "
        "stored this session: what is stored stays as it is)");
  if (outcome.error().code == ErrorCode::kNotFound && !progress_.owner_put_state.empty()) {
    progress_.owner_put_state.clear();
    step_ = Step::kOwner;
    return SaveProgress();
  }
  context_.Halt(Error(outcome.error()).WithContext("claiming session " + record_.session.id));
  return {};
}

Status SessionUpload::Conflict(std::string_view problem) {
  const bool news = progress_.problem != problem;
  progress_.ownership = Ownership::kConflict;
  progress_.owner_put_state.clear();
  progress_.stage = Stage::kIdle;
  progress_.problem = problem;
  progress_.retry_at = context_.ports.clock.Now() + kConflictRetry;
  step_ = Step::kFinished;
  span_.SetError({ErrorCode::kAlreadyExists, progress_.problem});
  if (news) {
    context_.ports.metrics.Record(metric::kConflicts, 1, {{"source", record_.session.source}});
    context_.ports.logger.Warning(
        "session id conflict", span_,
        {{"source", record_.session.source}, {"session", record_.session.id}, {"error", problem}});
  }
  return SaveProgress();
}

void SessionUpload::GiveUp(Error reason) {
  if (!reason_) reason_ = std::move(reason);
  step_ = Step::kLeaving;
}

void SessionUpload::Conclude() {
  // Trouble of the journal or the store: what is in memory may be ahead of what is true.
  if (!context_.trouble) return Suspend();
  step_ = Step::kFinished;
  JournalChange change = std::exchange(also_, {});
  if (files_) files_->Leave(change);
  const Timestamp now = context_.ports.clock.Now();
  const ErrorCode code = reason_->code;
  const bool not_ready = code == ErrorCode::kSourceChanged || code == ErrorCode::kNotFound;
  if (code != ErrorCode::kCancelled) {
    progress_.problem = Problem(*reason_);
    if (progress_.stage == Stage::kUploading) progress_.stage = Stage::kIdle;
    if (not_ready) {
      // The next scan sees the change as well; this only keeps the upload from trying before.
      progress_.retry_at = now + source_.rules.quiet();
    } else {
      progress_.retry_at = now + PauseAfter(context_.options, context_.ports.random, ++progress_.attempts);
    }
    // After `also`, whose copy of the progress is older.
    change.progress.emplace_back(record_.session, progress_);
  }
  if (code == ErrorCode::kCancelled || not_ready) {
    span_.Set(span_names::kOutcome, not_ready ? "not ready" : "cancelled");
  } else {
    span_.SetError(*reason_);
  }
  if (not_ready) {
    ++context_.summary.not_ready;
    context_.ports.metrics.Record(metric::kNotReady, 1, {{"source", record_.session.source}});
  }
  if (code != ErrorCode::kCancelled)
    context_.ports.logger.Info(
        not_ready ? "session is not ready; waiting for it to be quiet again"
                  : "session could not be stored; trying again later",
        span_, {{"source", record_.session.source}, {"session", record_.session.id}, {"error", progress_.problem}});
  // A failure halts the run, which is what it should do then.
  if (!change.files.empty() || !change.progress.empty()) NoteLoss(context_.Save(change));
}

void SessionUpload::NoteLoss(const Status& saved) {
  if (saved) return;
  context_.ports.logger.Debug("the journal could not take the latest outcomes; the next attempt finds them out again",
                              {{"session", record_.session.id}, {"error", saved.error().message}});
}

void SessionUpload::Suspend() {
  if (step_ == Step::kFinished) return;
  step_ = Step::kFinished;
  if (!context_.trouble) {
    span_.SetError(context_.trouble.error());
  } else {
    span_.Set(span_names::kOutcome, "cancelled");
  }
  JournalChange change = std::exchange(also_, {});
  if (files_) files_->Leave(change);
  // Outcomes that cannot be saved now are found out again by the next attempt.
  if (!change.files.empty() || !change.progress.empty()) NoteLoss(context_.ports.journal.Apply(change));
}

}  // namespace seshat::migration
