// A body that is put in one request.
#pragma once

#include <vector>

#include "adapters/s3_store/put_job.h"

namespace seshat::s3_store {

class SinglePut : public PutJob {
 public:
  using PutJob::PutJob;
  bool Step() override;
  void Stop() override;
  bool single() const override { return true; }

 private:
  Status Read();
  void Send();
  void Answered(http::Outcome outcome);
  void Refused(const http::Response& response, bool unclear);
  void SendAgain(Error error);
  void LookWhose();

  Budget::Buffer buffer_;
  std::vector<std::byte> scratch_;
  std::optional<Sha256> sha256_;
  uint64_t crc_ = 0;
  bool read_ = false;
  bool looking_ = false;  // the next request is a HEAD
  int sent_again_ = 0;
  std::optional<http::RequestId> in_flight_;
};

}  // namespace seshat::s3_store
