#include "adapters/s3_store/get_job.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "adapters/s3_store/object_info.h"
#include "adapters/s3_store/s3_error.h"
#include "core/digest/crc64nvme.h"

namespace seshat::s3_store {
namespace {

constexpr uint64_t kRangeBytes = 8 << 20;
// A whole object up to this size is read from the first answer.
constexpr uint64_t kOneAnswer = 2 * kRangeBytes;
// The client hands over 16 KiB at a time, which a file takes at three times the cost of this.
constexpr size_t kBlock = 256 << 10;

}  // namespace

// Writes a range to where it belongs and sums it. Another attempt begins it again.
class GetJob::RangeSink : public http::ResponseSink {
 public:
  RangeSink(GetJob& job, size_t index, bool first) : job_(job), index_(index), first_(first) {}

  Status Begin(int status, const http::Headers& headers) override {
    if (first_) {
      SESHAT_ASSIGN(const bool read_on, job_.Learn(status, headers));
      if (!read_on) return seshat::Fail(ErrorCode::kCancelled, "fetched in ranges instead");
    } else if (status != 206) {
      return seshat::Fail(ErrorCode::kDataLoss, fmt::format("{}: the server ignores ranges", job_.resource_));
    }
    range().crc = 0;
    range().received = 0;
    collected_ = 0;
    const uint64_t length = range().length;
    const size_t block = std::min<uint64_t>(length, kBlock);
    if (block > 0 && block != buffer_.span().size() && job_.budget_.Has(block)) buffer_ = job_.budget_.Take(block);
    return {};
  }

  Status Write(ByteSpan data) override {
    Range& range = this->range();
    if (data.size() > range.length - range.received - collected_)
      return seshat::Fail(ErrorCode::kDataLoss, fmt::format("{}: the server sends too much", job_.resource_));
    if (buffer_.span().empty()) return HandOn(data);
    while (!data.empty()) {
      const auto some = data.first(std::min(data.size(), buffer_.span().size() - collected_));
      std::memcpy(buffer_.span().data() + collected_, some.data(), some.size());
      collected_ += some.size();
      data = data.subspan(some.size());
      const bool last = range.received + collected_ == range.length;
      if (collected_ < buffer_.span().size() && !last) continue;
      SESHAT_TRY(HandOn(buffer_.span().first(std::exchange(collected_, 0))));
    }
    return {};
  }

 private:
  Status HandOn(ByteSpan data) {
    Range& range = this->range();
    SESHAT_TRY(job_.request_.sink->WriteAt(range.begin - job_.request_.offset + range.received, data));
    if (job_.whole()) range.crc = digest::Crc64Nvme(data, range.crc);
    range.received += data.size();
    return {};
  }

  Range& range() { return job_.ranges_[index_]; }
  GetJob& job_;
  const size_t index_;
  const bool first_;
  Budget::Buffer buffer_;  // empty: there was no room
  size_t collected_ = 0;
};

GetJob::GetJob(Flow& flow, const Wire& wire, Budget& budget, GetRequest request, std::string key, std::string resource)
    : flow_(flow),
      wire_(wire),
      budget_(budget),
      request_(std::move(request)),
      key_(std::move(key)),
      resource_(std::move(resource)),
      next_(request_.length == uint64_t{0} ? Next::kHead : Next::kFirst) {}

GetJob::~GetJob() = default;

bool GetJob::Step() {
  if (outcome || control_ || error_) return false;
  switch (next_) {
    case Next::kFirst:
      SendFirst();
      return true;
    case Next::kHead:
      SendHead();
      return true;
    case Next::kRanges:
      if (unsent_ == ranges_.size()) return false;
      SendRange(unsent_++);
      return true;
  }
  return false;
}

void GetJob::Stop() {
  Fail({ErrorCode::kCancelled, "stopped"});
  EndIfQuiet();
}

void GetJob::SendFirst() {
  // Only an answer without a range tells the whole object's checksum.
  const uint64_t length = std::min(request_.length.value_or(kRangeBytes), kRangeBytes);
  const uint64_t last = request_.offset + std::min(length - 1, UINT64_MAX - request_.offset);
  http::Request get = whole() ? wire_.Get(key_) : wire_.Get(key_, request_.offset, last, {});
  ranges_.assign(1, {.begin = request_.offset, .length = 0, .sent = true});
  unsent_ = 1;
  get.sink = std::make_shared<RangeSink>(*this, 0, true);
  ++in_flight_;
  control_ = flow_.Send(std::move(get), [this](http::Outcome answer) {
    --in_flight_;
    control_.reset();
    FirstAnswered(std::move(answer));
    EndIfQuiet();
  });
}

Result<bool> GetJob::Learn(int status, const http::Headers& headers) {
  SESHAT_ASSIGN(BlobInfo info, InfoFromHeaders(request_.key.value(), headers));
  const uint64_t size = info.size;
  if (request_.offset > size)
    return seshat::Fail(ErrorCode::kInvalidArgument, fmt::format("{} has only {} bytes", resource_, size));
  if (status == 200 && (request_.offset != 0 || request_.length.value_or(UINT64_MAX) < size))
    return seshat::Fail(ErrorCode::kDataLoss, fmt::format("{}: the server ignores ranges", resource_));
  info.attributes.clear();
  info_ = std::move(info);
  etag_ = headers.Get("etag");
  end_ = request_.offset + std::min(request_.length.value_or(UINT64_MAX), size - request_.offset);
  split_ = status == 200 && end_ - request_.offset > kOneAnswer && !etag_.empty();
  if (split_) return false;
  ranges_[0].length = status == 200 ? end_ : std::min(kRangeBytes, end_ - request_.offset);
  return true;
}

void GetJob::FirstAnswered(http::Outcome answer) {
  if (error_) return;
  uint64_t begin = request_.offset;
  if (split_) {
    ranges_.clear();
    unsent_ = 0;
  } else {
    if (!answer.response) return Fail(std::move(answer.response).error());
    if (answer.response->status == 416) {
      next_ = Next::kHead;
      return;
    }
    if (!Succeeded(*answer.response)) return Refuse(*answer.response);
    if (ranges_[0].received != ranges_[0].length)
      return Fail({ErrorCode::kDataLoss, fmt::format("{}: the server sent too little", resource_)});
    begin += ranges_[0].length;
  }
  for (; begin < end_; begin += kRangeBytes)
    ranges_.push_back({.begin = begin, .length = std::min(kRangeBytes, end_ - begin)});
  next_ = Next::kRanges;
}

void GetJob::SendHead() {
  ++in_flight_;
  control_ = flow_.Send(wire_.Head(key_), [this](http::Outcome answer) {
    --in_flight_;
    control_.reset();
    HeadAnswered(std::move(answer));
    EndIfQuiet();
  });
}

// Nothing is to be read: the offset is the end, or behind it.
void GetJob::HeadAnswered(http::Outcome answer) {
  if (error_) return;
  if (!answer.response) return Fail(std::move(answer.response).error());
  if (!Succeeded(*answer.response)) return Refuse(*answer.response);
  auto info = InfoFromHeaders(request_.key.value(), answer.response->headers);
  if (!info) return Fail(std::move(info).error());
  if (request_.offset > info->size)
    return Fail({ErrorCode::kInvalidArgument, fmt::format("{} has only {} bytes", resource_, info->size)});
  info->attributes.clear();
  info_ = *std::move(info);
  end_ = request_.offset;
  ranges_.clear();
  unsent_ = 0;
  next_ = Next::kRanges;
}

void GetJob::SendRange(size_t index) {
  Range& range = ranges_[index];
  http::Request get = wire_.Get(key_, range.begin, range.begin + range.length - 1, etag_);
  get.sink = std::make_shared<RangeSink>(*this, index, false);
  range.sent = true;
  ++in_flight_;
  range.request = flow_.Send(std::move(get), [this, index](http::Outcome answer) {
    --in_flight_;
    ranges_[index].request.reset();
    RangeAnswered(index, std::move(answer));
    EndIfQuiet();
  });
}

void GetJob::RangeAnswered(size_t index, http::Outcome answer) {
  if (error_) return;
  if (!answer.response) return Fail(std::move(answer.response).error());
  if (answer.response->status == 412)
    return Fail({ErrorCode::kDataLoss, fmt::format("{} was replaced while it was read", resource_)});
  if (!Succeeded(*answer.response)) return Refuse(*answer.response);
  if (ranges_[index].received != ranges_[index].length)
    Fail({ErrorCode::kDataLoss, fmt::format("{}: the server sent too little", resource_)});
}

void GetJob::Refuse(const http::Response& response) { Fail(ErrorFrom("s3:GetObject", resource_, response)); }

void GetJob::Fail(Error error) {
  if (error_ || outcome) return;
  error_ = std::move(error);
  if (control_) flow_.Cancel(*control_);
  for (const Range& range : ranges_)
    if (range.request) flow_.Cancel(*range.request);
}

void GetJob::EndIfQuiet() {
  if (outcome || in_flight_ != 0) return;
  if (error_) {
    outcome = std::unexpected(*std::move(error_));
  } else if (next_ == Next::kRanges && unsent_ == ranges_.size()) {
    outcome = Verified();
  }
}

Result<BlobInfo> GetJob::Verified() const {
  if (!whole() || info_->checksum.empty()) return *info_;
  uint64_t crc = 0;
  for (const Range& range : ranges_) crc = digest::CombineCrc64Nvme(crc, range.crc, range.length);
  if (ChecksumText(digest::Crc64NvmeBase64(crc)) != info_->checksum)
    return seshat::Fail(ErrorCode::kDataLoss,
                        fmt::format("what arrived of {} is not what the store's checksum says", resource_));
  return *info_;
}

}  // namespace seshat::s3_store
