#include "adapters/s3_store/multipart_put.h"

#include <fmt/format.h>

#include <utility>

#include "adapters/s3_store/s3_error.h"
#include "core/digest/crc64nvme.h"

namespace seshat::s3_store {
namespace {

constexpr int kMaxStartedOver = 3;

}  // namespace

Status MultipartPut::SaveState() {
  if (request_.journal == nullptr) return {};
  SESHAT_TRY(request_.journal->SaveState(state_.Format()));
  saved_ = true;
  return {};
}

void MultipartPut::SendControl(http::Request request, void (MultipartPut::*answered)(http::Outcome)) {
  control_ = true;
  ++in_flight_;
  control_request_ = context_.flow.Send(std::move(request), [this, answered](http::Outcome answer) {
    control_ = false;
    --in_flight_;
    (this->*answered)(std::move(answer));
  });
}

bool MultipartPut::Step() {
  if (control_ || stage_ == Stage::kOver || Early()) return false;
  wake_at.reset();
  switch (stage_) {
    case Stage::kBegin:
      Begin();
      return true;
    case Stage::kCreate:
      SendControl(context_.wire.CreateUpload(key_, request_), &MultipartPut::Created);
      return true;
    case Stage::kList:
      SendControl(context_.wire.ListParts(key_, state_.upload_id, listed_up_to_), &MultipartPut::Listed);
      return true;
    case Stage::kSend:
      return StepParts();
    case Stage::kComplete:
      SendComplete();
      return true;
    case Stage::kLook:
      SendControl(context_.wire.Head(key_), &MultipartPut::LookedAt);
      return true;
    case Stage::kGiveUp:
    case Stage::kStartOver:
      return StepGivingUp();
    case Stage::kAbort:
    case Stage::kOver:
      return false;
  }
  return false;
}

void MultipartPut::Stop() {
  if (stopped_) return;
  stopped_ = true;
  if (control_ && stage_ != Stage::kAbort) context_.flow.Cancel(control_request_);
  GiveUp({ErrorCode::kCancelled, "stopped"});
}

void MultipartPut::GiveUp(Error error) {
  if (stage_ == Stage::kGiveUp || stage_ == Stage::kAbort || stage_ == Stage::kOver) return;
  error_ = std::move(error);
  stage_ = Stage::kGiveUp;
  wake_at.reset();
  ready_.clear();
  for (const Part& part : parts_)
    if (part.state == Part::State::kSending) context_.flow.Cancel(part.request);
}

// The upload cannot be finished any more, and nothing of it is visible: another one takes its place.
void MultipartPut::StartOver(Error reason) {
  if (++started_over_ > kMaxStartedOver) return GiveUp(std::move(reason));
  GiveUp(std::move(reason));
  stage_ = Stage::kStartOver;
}

void MultipartPut::Begin() {
  if (request_.resume_state.empty()) {
    auto plan = PlanParts(size_, context_.options.part_bytes);
    if (!plan) return GiveUp(std::move(plan).error());
    state_ = {.plan = *plan};
    stage_ = Stage::kCreate;
    return;
  }
  const auto known = PutState::Parse(request_.resume_state);
  if (!known) return UploadGone();
  state_ = *known;
  if (state_.stage != PutState::Stage::kDone) uploading_ = true;
  saved_ = true;
  if (state_.plan.size != size_)
    return TakenBack({ErrorCode::kSourceChanged, Doing("the body has another size than when its put began:")});
  if (state_.stage == PutState::Stage::kDone) return Finish();
  unclear_ = state_.stage == PutState::Stage::kCompleting;
  parts_.resize(state_.plan.count());
  stage_ = Stage::kList;
}

void MultipartPut::Created(http::Outcome answer) {
  // Cancelled or unanswered: if there is an upload, it has no parts and nobody knows its id.
  if (!answer.response) return GiveUp(std::move(answer.response).error().WithContext(Doing("storing")));
  if (!Succeeded(*answer.response)) return GiveUp(ErrorFrom("s3:PutObject", resource_, *answer.response));
  auto id = ReadUploadId(answer.response->body);
  if (!id) return GiveUp(std::move(id).error().WithContext(Doing("storing")));
  state_.upload_id = *std::move(id);
  state_.stage = PutState::Stage::kOpen;
  state_.sha256.reset();
  state_.begun = std::chrono::floor<std::chrono::seconds>(context_.flow.wall_now());
  uploading_ = true;
  saved_ = false;
  if (auto saved = SaveState(); !saved) return GiveUp(std::move(saved).error());
  parts_.clear();
  parts_.resize(state_.plan.count());
  if (stage_ == Stage::kCreate) stage_ = Stage::kSend;
}

void MultipartPut::Listed(http::Outcome answer) {
  if (stage_ != Stage::kList) return;
  if (!answer.response) return GiveUp(std::move(answer.response).error().WithContext(Doing("resuming")));
  if (answer.response->status == 404 && aws::ParseAwsError(*answer.response).code == "NoSuchUpload")
    return UploadGone();
  if (!Succeeded(*answer.response))
    return GiveUp(ErrorFrom("s3:ListMultipartUploadParts", resource_, *answer.response));
  auto page = ReadParts(answer.response->body);
  if (!page) return GiveUp(std::move(page).error().WithContext(Doing("resuming")));
  if (sent_ == parts_.size()) {  // an unclear Complete: it has not taken effect so far
    stage_ = Stage::kComplete;
    return;
  }
  TakeList(*page);
  if (page->truncated && page->next_marker > listed_up_to_) {
    listed_up_to_ = page->next_marker;
  } else {
    listed_up_to_ = 0;
    stage_ = Stage::kSend;
  }
}

// Parts whose checksum the server does not tell are sent again: nothing is trusted unseen.
void MultipartPut::TakeList(const PartPage& page) {
  for (const ListedPart& listed : page.parts) {
    const uint32_t index = listed.number - 1;
    if (index >= parts_.size() || listed.size != state_.plan.length(index) || listed.etag.empty()) continue;
    const auto crc = digest::ParseCrc64Nvme(listed.crc64nvme);
    if (!crc) continue;
    parts_[index].listed = true;
    parts_[index].crc = *crc;
    parts_[index].etag = listed.etag;
  }
}

}  // namespace seshat::s3_store
