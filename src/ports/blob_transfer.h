// One-object conveniences over BlobStore's feeds, and the common sources and sinks.
#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/records/blob_key.h"
#include "ports/blob_store.h"

namespace seshat {

// Bytes in memory. Never changes.
std::shared_ptr<BlobSource> SourceFromBytes(std::string bytes);

// Collects a get in memory, refusing (kResourceExhausted) to grow beyond `max_bytes`.
class MemorySink : public BlobSink {
 public:
  explicit MemorySink(uint64_t max_bytes);
  ~MemorySink() override;
  Status WriteAt(uint64_t offset, ByteSpan data) override;
  std::string Take();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Result<PutOutcome> PutOne(BlobStore& store, PutRequest request, std::stop_token stop = {});
Result<BlobInfo> GetOne(BlobStore& store, GetRequest request, std::stop_token stop = {});

// A small record: its digest is computed here.
Result<PutOutcome> PutBytes(BlobStore& store, const BlobKey& key, std::string bytes,
                            StorageClass storage_class = StorageClass::kStandard);
// kResourceExhausted beyond `max_bytes`.
Result<std::string> GetBytes(BlobStore& store, const BlobKey& key, uint64_t max_bytes);

}  // namespace seshat
