// MultipartPut: how it ends. Which answer proves what is written in put_state.h.
#include <fmt/format.h>

#include <utility>

#include "adapters/s3_store/multipart_put.h"
#include "adapters/s3_store/s3_error.h"
#include "core/digest/crc64nvme.h"

namespace seshat::s3_store {
namespace {

// How often an unclear Complete is looked into before the caller has to come back later.
constexpr int kMaxLooks = 5;
// An upload that is still there so many looks after "the key is taken": it was not our own Complete that took it.
constexpr int kEnoughLooks = 3;
// For the requests that clean up.
constexpr std::chrono::seconds kAbortFor{10};

// What nobody can come back for.
bool EndsPut(ErrorCode code) {
  return code == ErrorCode::kAlreadyExists || code == ErrorCode::kSourceChanged || code == ErrorCode::kDataLoss ||
         code == ErrorCode::kInvalidArgument;
}

}  // namespace

void MultipartPut::SendComplete() {
  std::vector<SentPart> sent;
  sent.reserve(parts_.size());
  for (const Part& part : parts_) sent.push_back({part.etag, part.crc});
  SendControl(context_.wire.Complete(key_, state_.upload_id, state_.plan.size, crc_, CompleteText(sent)),
              &MultipartPut::Completed);
}

void MultipartPut::Completed(http::Outcome answer) {
  if (stage_ != Stage::kComplete) return;
  if (!answer.response) {
    const bool sent = answer.exchange.sent || answer.exchange.unclear_before;
    Error error = std::move(answer.response).error().WithContext(Doing("storing"));
    return sent ? Unclear(std::move(error)) : GiveUp(std::move(error));
  }
  const http::Response& response = *answer.response;
  if (!Succeeded(response)) return CompleteRefused(aws::ParseAwsError(response), answer.exchange.unclear_before);
  const auto told = ReadComplete(response.body);
  if (!told) return Unclear(Error(told.error()).WithContext(Doing("storing")));
  if (told->failed) return CompleteRefused(aws::ParseAwsError(response), answer.exchange.unclear_before);
  // The server has compared the checksum that was sent: another one here was damaged on the way back.
  if (!told->crc64nvme.empty() && told->crc64nvme != digest::Crc64NvmeBase64(crc_))
    return Unclear({ErrorCode::kDataLoss, Doing("the server reports another checksum than was sent for")});
  Finish();
}

void MultipartPut::CompleteRefused(const aws::AwsError& answer, bool unclear) {
  Error error = aws::ToError(answer, {.action = "s3:PutObject", .resource = resource_});
  const bool conflict = answer.status == 409 || answer.code == "ConditionalRequestConflict";
  if (error.retryable() && !conflict) return Unclear(std::move(error));
  unclear_ = unclear_ || unclear;
  const bool taken = error.code == ErrorCode::kAlreadyExists;
  const bool gone = answer.code == "NoSuchUpload";
  // After an unclear Complete each of these may be its echo.
  if (unclear_ && (gone || ((taken || conflict) && unclear_times_ < kEnoughLooks))) return Unclear(std::move(error));
  if (conflict || gone) return StartOver(std::move(error));
  TakenBack(std::move(error));
}

// Whether it took effect is asked of the upload: an upload that was completed is gone.
void MultipartPut::Unclear(Error error) {
  unclear_ = true;
  if (++unclear_times_ > kMaxLooks) {
    if (!error.retryable()) error.code = ErrorCode::kUnavailable;
    return GiveUp(std::move(error));
  }
  Pause(unclear_times_);
  stage_ = Stage::kList;
}

// A clear refusal: no Complete is on its way any more, and before the upload goes the journal must know that.
void MultipartPut::TakenBack(Error error) {
  state_.stage = PutState::Stage::kOpen;
  unclear_ = false;
  if (auto saved = SaveState(); !saved) {
    state_.stage = PutState::Stage::kCompleting;
    error = std::move(saved).error();
  }
  GiveUp(std::move(error));
}

void MultipartPut::UploadGone() {
  uploading_ = false;
  const bool completing = state_.stage == PutState::Stage::kCompleting && unclear_;
  if (completing && state_.NobodyElseEndedItBy(context_.flow.wall_now())) return Finish();
  if (request_.resume_state.empty())
    return StartOver({ErrorCode::kUnavailable, Doing("somebody aborted the upload of")});
  if (context_.options.access == BlobAccess::kReadWrite) {
    stage_ = Stage::kLook;
    return;
  }
  GiveUp({ErrorCode::kNotFound, Doing("the unfinished put is not known any more, begin it anew:")});
}

void MultipartPut::LookedAt(http::Outcome answer) {
  if (stage_ != Stage::kLook) return;
  if (!answer.response) return GiveUp(std::move(answer.response).error().WithContext(Doing("resuming")));
  if (answer.response->status == 404)
    return GiveUp({ErrorCode::kNotFound, Doing("the unfinished put is not known any more, begin it anew:")});
  if (!Succeeded(*answer.response)) return GiveUp(ErrorFrom("s3:GetObject", resource_, *answer.response));
  if (state_.stage == PutState::Stage::kCompleting && IsOurs(*answer.response, state_.crc).value_or(false))
    return Finish();
  GiveUp({ErrorCode::kAlreadyExists, Doing("the key is taken; nothing was changed:")});
}

void MultipartPut::Finish() {
  uploading_ = false;
  if (state_.stage != PutState::Stage::kDone) {
    state_.stage = PutState::Stage::kDone;
    if (auto saved = SaveState(); !saved) return GiveUp(std::move(saved).error());
  }
  outcome = Stored(*state_.sha256, state_.crc);
  stage_ = Stage::kOver;
}

bool MultipartPut::AbortsNow() const {
  if (!uploading_ || !error_) return false;
  if (stage_ == Stage::kStartOver) return true;
  if (!journaled() || !saved_) return true;
  // "completing" stays as it is: only a Complete may end that upload.
  return EndsPut(error_->code) && state_.stage == PutState::Stage::kOpen;
}

bool MultipartPut::StepGivingUp() {
  if (!quiet()) return false;
  for (Part& part : parts_) part.buffer.Reset();
  if (stage_ == Stage::kStartOver && state_.stage == PutState::Stage::kCompleting) {
    state_.stage = PutState::Stage::kOpen;
    if (auto saved = SaveState(); !saved) {
      state_.stage = PutState::Stage::kCompleting;
      error_ = std::move(saved).error();
      stage_ = Stage::kGiveUp;
    }
  }
  if (AbortsNow()) {
    if (stage_ == Stage::kGiveUp) stage_ = Stage::kAbort;
    uploading_ = false;
    http::Request abort = context_.wire.Abort(key_, state_.upload_id);
    abort.timeouts.total = kAbortFor;
    SendControl(std::move(abort), &MultipartPut::Aborted);
    return true;
  }
  Aborted({});
  return true;
}

// Whatever the answer to the abort was: an upload that stays is the bucket's rule's to remove.
// A request's callback takes it by value. NOLINTNEXTLINE(performance-unnecessary-value-param)
void MultipartPut::Aborted(http::Outcome) {
  if (stage_ == Stage::kStartOver && !stopped_) {
    parts_.clear();
    ready_.clear();
    next_read_ = 0;
    sent_ = 0;
    whole_.reset();
    unclear_ = false;
    unclear_times_ = 0;
    error_.reset();
    stage_ = Stage::kCreate;
    return;
  }
  outcome = std::unexpected(error_.value_or(Error{ErrorCode::kCancelled, "stopped"}));
  stage_ = Stage::kOver;
}

}  // namespace seshat::s3_store
