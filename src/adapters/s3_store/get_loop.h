// One running GetAll: asks the feed while there is room, and drives what it gave.
#pragma once

#include <list>
#include <stop_token>
#include <string_view>

#include "adapters/s3_store/flow.h"
#include "adapters/s3_store/get_job.h"
#include "adapters/s3_store/s3_key.h"
#include "adapters/s3_store/s3_options.h"
#include "ports/blob_store.h"

namespace seshat::s3_store {

class GetLoop {
 public:
  GetLoop(const S3StoreOptions& options, const Wire& wire, const KeySpace& keys, http::Client& client, Clock& clock)
      : options_(options),
        wire_(wire),
        keys_(keys),
        flow_(client, clock, options.max_in_flight),
        buffers_(options.buffer_bytes / 2),
        budget_(buffers_, options.buffer_bytes / 2) {}

  void Run(GetFeed& feed, const std::stop_token& stop);

 private:
  void Pump(GetFeed& feed, const std::stop_token& stop);
  bool Admit(GetFeed& feed, const std::stop_token& stop);
  void Begin(GetFeed& feed, GetRequest request);
  void HandOver(GetFeed& feed);

  const S3StoreOptions& options_;
  const Wire& wire_;
  const KeySpace& keys_;
  Flow flow_;
  BufferPool buffers_;
  Budget budget_;
  bool stopping_ = false;
  std::chrono::steady_clock::time_point asked_{};
  std::optional<GetRequest> waiting_;
  std::list<std::unique_ptr<GetJob>> jobs_;
};

}  // namespace seshat::s3_store
