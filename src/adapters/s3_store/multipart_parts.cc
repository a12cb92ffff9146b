// MultipartPut: reading the body in order, and sending its parts side by side.
#include <fmt/format.h>

#include <utility>

#include "adapters/s3_store/multipart_put.h"
#include "adapters/s3_store/s3_error.h"
#include "core/digest/crc64nvme.h"

namespace seshat::s3_store {
namespace {

// Shorter ones are read on the caller's thread: that takes less time than waking another.
constexpr uint64_t kReadHere = 256 << 10;
// Bytes damaged on the way.
constexpr int kMaxAgain = 4;
// The share of all memory that one part may take.
constexpr uint64_t kLargestShare = 4;

// A part that is read from its body while it is sent.
class PartStream : public http::BodySource {
 public:
  PartStream(std::shared_ptr<BlobSource> body, uint64_t offset, uint64_t length)
      : body_(std::move(body)), offset_(offset), length_(length) {}
  uint64_t size() const override { return length_; }
  Result<size_t> Read(MutableByteSpan out) override {
    const auto some = out.first(std::min<uint64_t>(out.size(), length_ - read_));
    SESHAT_TRY(body_->ReadAt(offset_ + read_, some));
    read_ += some.size();
    return some.size();
  }
  Status Rewind() override {
    read_ = 0;
    return {};
  }

 private:
  std::shared_ptr<BlobSource> body_;
  const uint64_t offset_;
  const uint64_t length_;
  uint64_t read_ = 0;
};

}  // namespace

bool MultipartPut::StepParts() {
  bool moved = StartReading();
  if (stage_ != Stage::kSend) return true;
  if (!ready_.empty() && context_.flow.room()) {
    const uint32_t index = ready_.front();
    ready_.pop_front();
    SendPart(index);
    return true;
  }
  if (sent_ == parts_.size()) {
    AllSent();
    moved = true;
  }
  return moved;
}

// One part at a time, in order: the digest of the whole needs it so.
bool MultipartPut::StartReading() {
  if (reading_ || next_read_ == parts_.size()) return false;
  Part& part = parts_[next_read_];
  const uint64_t length = state_.plan.length(next_read_);
  if (!part.listed) {
    const bool fits = length <= context_.parts.limit() / kLargestShare || length == 0;
    if (fits && context_.parts.Has(length)) {
      part.buffer = context_.parts.Take(length);
    } else if (ready_.empty() && context_.flow.room()) {
      // The link takes more than memory holds: what was summed is read once more while it is sent, and the server's
      // checksum tells whether it was the same.
      part.read_again = true;
    } else {
      return false;
    }
  }
  if (next_read_ == 0 && !request_.sha256) whole_.emplace();
  part.state = Part::State::kReading;
  reading_ = true;
  const uint32_t index = next_read_++;
  const ReadTask task{.body = request_.body.get(),
                      .offset = state_.plan.offset(index),
                      .length = length,
                      .into = part.buffer.span().data(),
                      .whole = whole_ ? &*whole_ : nullptr,
                      .part_digest = context_.wire.signs_payload()};
  if (length <= kReadHere) {
    PartRead(index, ReadNow(task, scratch_));
  } else {
    context_.reader.Start(task, [this, index](ReadResult result) { PartRead(index, std::move(result)); });
  }
  return true;
}

void MultipartPut::PartRead(uint32_t index, ReadResult result) {
  reading_ = false;
  if (stage_ != Stage::kSend) return;
  if (!result.status) return GiveUp(std::move(result.status).error());
  Part& part = parts_[index];
  if (part.listed && part.crc == result.crc) {
    part.state = Part::State::kSent;
    ++sent_;
    return;
  }
  // What the server has of it came from other bytes.
  if (part.listed) part.read_again = true;
  part.listed = false;
  part.crc = result.crc;
  part.digest = result.part_digest;
  part.state = Part::State::kReady;
  ready_.push_back(index);
}

void MultipartPut::SendPart(uint32_t index) {
  Part& part = parts_[index];
  const uint64_t length = state_.plan.length(index);
  Payload payload{.crc = part.crc, .sha256 = part.digest};
  if (part.read_again) {
    payload.body = http::Body::From(std::make_shared<PartStream>(request_.body, state_.plan.offset(index), length));
  } else {
    payload.body = http::Body::Borrowed(part.buffer.span());
  }
  part.state = Part::State::kSending;
  ++in_flight_;
  part.request = context_.flow.Send(context_.wire.UploadPart(key_, state_.upload_id, index + 1, std::move(payload)),
                                    [this, index](http::Outcome answer) {
                                      --in_flight_;
                                      PartAnswered(index, std::move(answer));
                                    });
}

void MultipartPut::PartAnswered(uint32_t index, http::Outcome answer) {
  Part& part = parts_[index];
  part.state = Part::State::kReady;
  if (stage_ != Stage::kSend) return part.buffer.Reset();
  if (!answer.response) return GiveUp(std::move(answer.response).error().WithContext(Doing("storing")));
  const http::Response& response = *answer.response;
  if (!Succeeded(response)) return PartRefused(index, response);
  const std::string_view told = response.headers.Get("x-amz-checksum-crc64nvme");
  part.etag = response.headers.Get("etag");
  if (part.etag.empty() || (!told.empty() && told != digest::Crc64NvmeBase64(part.crc)))
    return GiveUp({ErrorCode::kDataLoss, Doing("the server confirmed other bytes than were sent for")});
  part.state = Part::State::kSent;
  part.buffer.Reset();
  ++sent_;
}

void MultipartPut::PartRefused(uint32_t index, const http::Response& response) {
  Error error = ErrorFrom("s3:PutObject", resource_, response);
  // Somebody aborted the upload.
  if (aws::ParseAwsError(response).code == "NoSuchUpload") return StartOver(std::move(error));
  if (error.code == ErrorCode::kDataLoss && parts_[index].sent_again < kMaxAgain) {
    ++parts_[index].sent_again;
    ready_.push_back(index);
    return;
  }
  // Bytes that were read twice may have differed because the source did.
  if (error.code == ErrorCode::kDataLoss && parts_[index].read_again) {
    if (auto unchanged = request_.body->CheckUnchanged(); !unchanged) error = std::move(unchanged).error();
  }
  GiveUp(std::move(error));
}

void MultipartPut::AllSent() {
  if (auto unchanged = request_.body->CheckUnchanged(); !unchanged) return GiveUp(std::move(unchanged).error());
  crc_ = parts_[0].crc;
  for (uint32_t i = 1; i < parts_.size(); ++i)
    crc_ = digest::CombineCrc64Nvme(crc_, parts_[i].crc, state_.plan.length(i));
  state_.sha256 = whole_ ? whole_->Finish() : *request_.sha256;
  state_.crc = crc_;
  state_.stage = PutState::Stage::kCompleting;
  if (request_.journal != nullptr) {
    if (auto saved = request_.journal->SaveDigest(*state_.sha256); !saved) return GiveUp(std::move(saved).error());
  }
  if (auto saved = SaveState(); !saved) return GiveUp(std::move(saved).error());
  stage_ = Stage::kComplete;
}

}  // namespace seshat::s3_store
