// A body that is put in parts, resumably where the caller keeps a journal. What is saved when, and why the outcome can
// be told after a crash at any point, is written in put_state.h.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "adapters/s3_store/put_job.h"
#include "adapters/s3_store/put_state.h"
#include "adapters/s3_store/s3_xml.h"
#include "platform/aws/error.h"

namespace seshat::s3_store {

class MultipartPut : public PutJob {
 public:
  using PutJob::PutJob;
  bool Step() override;
  void Stop() override;
  bool single() const override { return false; }

 private:
  enum class Stage {
    kBegin,
    kCreate,     // send CreateMultipartUpload
    kList,       // send ListParts: to resume, or to look into an unclear answer
    kSend,       // read and send parts
    kComplete,   // send CompleteMultipartUpload
    kLook,       // send HEAD: the upload is gone, is there an object?
    kGiveUp,     // wait for what is in flight, then abort or not
    kStartOver,  // likewise, then begin a new upload
    kAbort,
    kOver,
  };
  struct Part {
    enum class State : uint8_t { kUnread, kReading, kReady, kSending, kSent };
    State state = State::kUnread;
    bool listed = false;      // the server has it, with `crc`
    bool read_again = false;  // no room in memory: the bytes are read once more while they are sent
    uint8_t sent_again = 0;
    uint64_t crc = 0;
    std::string etag;
    std::optional<Sha256> digest;
    Budget::Buffer buffer;
    http::RequestId request = 0;
  };

  bool journaled() const { return request_.journal != nullptr || !request_.resume_state.empty(); }
  bool quiet() const { return in_flight_ == 0 && !reading_; }
  Status SaveState();
  void SendControl(http::Request request, void (MultipartPut::*answered)(http::Outcome));
  // Ends the put with an error, once nothing is in flight.
  void GiveUp(Error error);
  void StartOver(Error reason);

  void Begin();
  void Created(http::Outcome answer);
  void Listed(http::Outcome answer);
  void TakeList(const PartPage& page);
  // multipart_parts.cc
  bool StepParts();
  bool StartReading();
  void PartRead(uint32_t index, ReadResult result);
  void SendPart(uint32_t index);
  void PartAnswered(uint32_t index, http::Outcome answer);
  void PartRefused(uint32_t index, const http::Response& response);
  void AllSent();
  // multipart_end.cc
  void SendComplete();
  void Completed(http::Outcome answer);
  void CompleteRefused(const aws::AwsError& answer, bool unclear);
  void Unclear(Error error);
  void TakenBack(Error error);
  void UploadGone();
  void LookedAt(http::Outcome answer);
  void Finish();
  bool StepGivingUp();
  void Aborted(http::Outcome answer);
  bool AbortsNow() const;

  Stage stage_ = Stage::kBegin;
  bool control_ = false;  // a request that is no part is in flight
  http::RequestId control_request_ = 0;
  bool stopped_ = false;
  size_t in_flight_ = 0;
  std::optional<Error> error_;

  PutState state_;
  bool uploading_ = false;  // the upload exists, as far as we know
  bool saved_ = false;      // the journal knows it
  bool unclear_ = false;    // a Complete may have taken effect
  int unclear_times_ = 0;
  int started_over_ = 0;
  uint32_t listed_up_to_ = 0;

  std::vector<Part> parts_;
  std::deque<uint32_t> ready_;
  uint32_t next_read_ = 0;
  uint32_t sent_ = 0;
  bool reading_ = false;
  std::optional<Sha256Hasher> whole_;
  std::vector<std::byte> scratch_;
  uint64_t crc_ = 0;  // of the whole body, once all is sent
};

}  // namespace seshat::s3_store
