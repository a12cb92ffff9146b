// One object on its way into the bucket, as a state machine that a PutLoop drives.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/s3_store/body_reader.h"
#include "adapters/s3_store/flow.h"
#include "adapters/s3_store/s3_key.h"
#include "adapters/s3_store/s3_options.h"
#include "adapters/s3_store/wire.h"
#include "ports/blob_store.h"

namespace seshat::s3_store {

struct PutContext {
  const S3StoreOptions& options;
  const Wire& wire;
  Flow& flow;
  Budget& singles;  // bodies that are put in one request
  Budget& parts;
  BodyReader& reader;
};

class PutJob {
 public:
  PutJob(PutContext& context, PutRequest request, std::string key)
      : context_(context),
        request_(std::move(request)),
        key_(std::move(key)),
        resource_("s3://" + context.options.bucket + "/" + key_),
        size_(request_.body->size()) {}
  virtual ~PutJob() = default;
  PutJob(const PutJob&) = delete;
  PutJob& operator=(const PutJob&) = delete;

  // Does what can be done without waiting. Called when there is room for a request; true when it sent one, or
  // otherwise got on and wants to be called again.
  virtual bool Step() = 0;
  // Ends soon with kCancelled; requests in flight are dropped.
  virtual void Stop() = 0;

  uint64_t tag() const { return request_.tag; }
  virtual bool single() const = 0;
  // There once nothing of the job is in flight any more.
  std::optional<Result<PutOutcome>> outcome;
  // Step has nothing to do before.
  std::optional<std::chrono::steady_clock::time_point> wake_at;

 protected:
  std::string Doing(std::string_view what) const;
  bool Early() const { return wake_at && context_.flow.now() < *wake_at; }
  // An answer was unclear for the n-th time: look again a little later.
  void Pause(int times);
  PutOutcome Stored(const Sha256& sha256, uint64_t crc) const;
  // What HEAD says of an object that may be our own. Nothing where that cannot be told.
  std::optional<bool> IsOurs(const http::Response& head, uint64_t crc) const;

  PutContext& context_;
  PutRequest request_;
  const std::string key_;  // in the bucket
  const std::string resource_;
  const uint64_t size_;
};

}  // namespace seshat::s3_store
