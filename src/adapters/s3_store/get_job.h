// One object on its way out of the bucket: a whole one in one request where it is small, otherwise ranges side by side,
// all of one version (If-Match).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/s3_store/flow.h"
#include "adapters/s3_store/wire.h"
#include "ports/blob_store.h"

namespace seshat::s3_store {

class GetJob {
 public:
  // Ranges are collected in buffers of `budget` as far as it goes: sinks get large blocks.
  GetJob(Flow& flow, const Wire& wire, Budget& budget, GetRequest request, std::string key, std::string resource);
  ~GetJob();
  GetJob(const GetJob&) = delete;
  GetJob& operator=(const GetJob&) = delete;

  // Sends one request where there is one to send.
  bool Step();
  void Stop();

  uint64_t tag() const { return request_.tag; }
  // There once nothing is in flight any more.
  std::optional<Result<BlobInfo>> outcome;

 private:
  class RangeSink;
  struct Range {
    uint64_t begin = 0;
    uint64_t length = 0;
    uint64_t crc = 0;
    uint64_t received = 0;
    bool sent = false;
    std::optional<http::RequestId> request;
  };
  enum class Next { kFirst, kHead, kRanges };

  bool whole() const { return request_.offset == 0 && !request_.length; }
  void SendFirst();
  void SendHead();
  void SendRange(size_t index);
  // What the first answer's head tells. False: the rest is fetched in ranges, this answer is not read.
  Result<bool> Learn(int status, const http::Headers& headers);
  void FirstAnswered(http::Outcome answer);
  void HeadAnswered(http::Outcome answer);
  void RangeAnswered(size_t index, http::Outcome answer);
  void Fail(Error error);
  void Refuse(const http::Response& response);
  void EndIfQuiet();
  Result<BlobInfo> Verified() const;

  Flow& flow_;
  const Wire& wire_;
  Budget& budget_;
  GetRequest request_;
  const std::string key_;
  const std::string resource_;
  Next next_ = Next::kFirst;
  bool split_ = false;
  size_t in_flight_ = 0;
  size_t unsent_ = 0;  // the first range that has not been sent
  std::optional<http::RequestId> control_;
  std::optional<Error> error_;
  std::optional<BlobInfo> info_;
  std::string etag_;
  uint64_t end_ = 0;  // of what is wanted, in the object
  std::vector<Range> ranges_;
};

}  // namespace seshat::s3_store
