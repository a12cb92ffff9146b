// One running PutAll: asks the feed while there is room, and drives what it gave.
#pragma once

#include <deque>
#include <list>
#include <memory>
#include <stop_token>

#include "adapters/s3_store/body_reader.h"
#include "adapters/s3_store/flow.h"
#include "adapters/s3_store/put_job.h"
#include "adapters/s3_store/s3_key.h"
#include "ports/blob_store.h"

namespace seshat::s3_store {

class PutLoop {
 public:
  PutLoop(const S3StoreOptions& options, const Wire& wire, const KeySpace& keys, http::Client& client, Clock& clock);

  void Run(PutFeed& feed, const std::stop_token& stop);

 private:
  using Jobs = std::list<std::unique_ptr<PutJob>>;

  void Pump(PutFeed& feed, const std::stop_token& stop);
  bool StepJobs();
  bool StepJob(PutJob& job);
  // Takes the next request that there is memory for. False: none.
  bool Admit(PutFeed& feed, const std::stop_token& stop);
  void AskAgain(PutFeed& feed, const std::stop_token& stop);
  Status CheckPut(const PutRequest& request) const;
  bool IsSingle(const PutRequest& request) const;
  void HandOver(PutFeed& feed);
  std::chrono::milliseconds PollFor() const;

  const S3StoreOptions& options_;
  const Wire& wire_;
  const KeySpace& keys_;
  Flow flow_;
  BufferPool buffers_;
  Budget singles_;
  Budget parts_;
  BodyReader reader_;
  PutContext context_;
  std::optional<PutRequest> waiting_;  // asked for, and not begun yet
  size_t multipart_ = 0;
  bool stopping_ = false;
  std::chrono::steady_clock::time_point asked_{};
  Jobs jobs_;  // last: their buffers go back to the budgets
};

}  // namespace seshat::s3_store
