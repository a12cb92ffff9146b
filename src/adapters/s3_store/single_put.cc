#include "adapters/s3_store/single_put.h"

#include <utility>

#include "adapters/s3_store/s3_error.h"
#include "core/digest/crc64nvme.h"

namespace seshat::s3_store {
namespace {

// Conflicts with other writers, and bytes damaged on the way.
constexpr int kMaxAgain = 5;

}  // namespace

bool SinglePut::Step() {
  if (outcome || in_flight_ || Early()) return false;
  wake_at.reset();
  if (!read_) {
    if (auto read = Read(); !read) {
      outcome = std::unexpected(std::move(read).error());
      return true;
    }
  }
  if (looking_) {
    LookWhose();
  } else {
    Send();
  }
  return true;
}

void SinglePut::Stop() {
  if (in_flight_) {
    context_.flow.Cancel(*in_flight_);
  } else if (!outcome) {
    outcome = Fail(ErrorCode::kCancelled, "stopped");
  }
}

Status SinglePut::Read() {
  buffer_ = context_.singles.Take(size_);
  std::optional<Sha256Hasher> whole;
  if (!request_.sha256) whole.emplace();
  const ReadResult result = ReadNow(
      {.body = request_.body.get(), .length = size_, .into = buffer_.span().data(), .whole = whole ? &*whole : nullptr},
      scratch_);
  SESHAT_TRY(result.status);
  SESHAT_TRY(request_.body->CheckUnchanged());
  sha256_ = whole ? whole->Finish() : *request_.sha256;
  crc_ = result.crc;
  read_ = true;
  request_.body.reset();  // bytes in memory need not be there twice
  return {};
}

void SinglePut::Send() {
  Payload payload{.body = http::Body::Borrowed(buffer_.span()), .crc = crc_};
  if (context_.wire.signs_payload()) payload.sha256 = sha256_;
  in_flight_ = context_.flow.Send(context_.wire.PutObject(key_, request_, std::move(payload)),
                                  [this](http::Outcome answer) { Answered(std::move(answer)); });
}

void SinglePut::Answered(http::Outcome answer) {
  in_flight_.reset();
  if (!answer.response) {
    outcome = std::unexpected(std::move(answer.response).error().WithContext(Doing("storing")));
    return;
  }
  const http::Response& response = *answer.response;
  if (!Succeeded(response)) return Refused(response, answer.exchange.unclear_before);
  const std::string_view told = response.headers.Get("x-amz-checksum-crc64nvme");
  if (!told.empty() && told != digest::Crc64NvmeBase64(crc_)) {
    outcome = Fail(ErrorCode::kDataLoss, Doing("the server reports another checksum than was sent for"));
    return;
  }
  outcome = Stored(*sha256_, crc_);
}

void SinglePut::Refused(const http::Response& response, bool unclear) {
  Error error = ErrorFrom("s3:PutObject", resource_, response);
  if (response.status == 409) return SendAgain(std::move(error));
  if (error.code == ErrorCode::kDataLoss) {
    // Damaged on the way, unless the caller's digest is not that of the bytes.
    if (request_.sha256 && Sha256::Of(buffer_.span()) != *request_.sha256) {
      outcome = Fail(ErrorCode::kDataLoss, Doing("the bytes do not have the digest that was announced for"));
      return;
    }
    return SendAgain(std::move(error));
  }
  if (error.code == ErrorCode::kAlreadyExists && unclear) {
    // Perhaps an earlier attempt of this very request is what is there.
    if (context_.options.access == BlobAccess::kReadWrite) {
      looking_ = true;
      return;
    }
    error = {ErrorCode::kUnavailable, Doing("the answer got lost; try once more to find out about")};
  }
  outcome = std::unexpected(std::move(error));
}

void SinglePut::SendAgain(Error error) {
  if (++sent_again_ > kMaxAgain) {
    outcome = std::unexpected(std::move(error));
    return;
  }
  Pause(sent_again_);
}

void SinglePut::LookWhose() {
  in_flight_ = context_.flow.Send(context_.wire.Head(key_), [this](http::Outcome answer) {
    in_flight_.reset();
    if (!answer.response) {
      outcome = std::unexpected(std::move(answer.response).error().WithContext(Doing("looking at")));
      return;
    }
    const auto ours = Succeeded(*answer.response) ? IsOurs(*answer.response, crc_) : std::nullopt;
    if (!ours) {
      outcome = Fail(ErrorCode::kUnavailable, Doing("the answer got lost; try once more to find out about"));
    } else if (*ours) {
      outcome = Stored(*sha256_, crc_);
    } else {
      outcome = Fail(ErrorCode::kAlreadyExists, Doing("the key is taken; nothing was changed:"));
    }
  });
}

}  // namespace seshat::s3_store
