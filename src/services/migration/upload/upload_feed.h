// The store's side of an upload run: hands out puts of several sessions in turn, as long as there is work.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "ports/blob_store.h"
#include "services/migration/upload/session_upload.h"
#include "services/migration/upload/upload_context.h"

namespace seshat::migration {

class UploadFeed : public PutFeed {
 public:
  // `publish` is called after commits, on the same thread.
  UploadFeed(UploadContext& context, std::vector<SourceRuntime*> sources, std::function<void()> publish)
      : context_(context), sources_(std::move(sources)), publish_(std::move(publish)) {}

  std::optional<PutRequest> Next() override;
  void Done(uint64_t tag, Result<PutOutcome> outcome) override;
  // After PutAll.
  void Finish();

 private:
  struct InFlight {
    SessionUpload* session;
    uint64_t tag;  // the session's own
  };

  std::optional<PutRequest> NextOfActive();
  bool StartSession();
  Result<bool> StartFrom(SourceRuntime& source);
  void DropFinished();

  UploadContext& context_;
  std::vector<SourceRuntime*> sources_;
  std::function<void()> publish_;
  std::vector<std::unique_ptr<SessionUpload>> active_;
  std::unordered_map<uint64_t, InFlight> in_flight_;
  uint64_t next_tag_ = 1;
  size_t turn_ = 0;                                                 // of active_
  size_t source_turn_ = 0;                                          // of sources_
  std::optional<std::chrono::steady_clock::time_point> looked_at_;  // and found nothing
};

}  // namespace seshat::migration
