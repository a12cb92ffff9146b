// One object that is large or resumable.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "adapters/file_store/chunk_writer.h"
#include "adapters/file_store/file_store.h"
#include "adapters/file_store/put_state.h"
#include "adapters/file_store/tree.h"
#include "ports/blob_store.h"

namespace seshat::file_store {

class StreamPut {
 public:
  // `between_chunks` is called on this thread every few megabytes.
  StreamPut(Tree& tree, const FileStoreOptions& options, PutRequest& request, std::function<void()> between_chunks)
      : tree_(tree), options_(options), request_(request), between_chunks_(std::move(between_chunks)) {}

  Result<PutOutcome> Run(const std::stop_token& stop);

 private:
  bool resumable() const { return request_.journal != nullptr || !request_.resume_state.empty(); }
  std::string Doing(std::string_view what) const;
  Status SaveState();

  // Opens the temporary file, new or known. An outcome when nothing is left to do.
  Result<std::optional<PutOutcome>> Begin();
  Result<std::optional<PutOutcome>> Resume();
  Result<std::optional<PutOutcome>> ResumeWithoutFile();
  Result<PutOutcome> FinishLinked();
  // Reads the body to the end; what is not on disk yet goes there.
  Result<Sha256> Transfer(const std::stop_token& stop);
  Result<bool> HoldsAlready(uint64_t offset, ByteSpan bytes);
  Status SaveProgress(const ChunkWriter& writer);
  Error CancelledAfterSync(ChunkWriter& writer);
  Result<PutOutcome> Publish(const Sha256& digest);
  Result<PutOutcome> Link(const Sha256& digest);

  Tree& tree_;
  const FileStoreOptions& options_;
  PutRequest& request_;
  const std::function<void()> between_chunks_;
  PutState state_;
  posix::UniqueFd fd_;
  bool named_ = false;  // the object has its name
  uint64_t kept_ = 0;   // bytes that an earlier run left on disk
  std::vector<std::byte> compared_;
};

// Whether an error says that this put can never succeed, so that nobody needs its temporary file any more.
bool EndsPut(ErrorCode code);

}  // namespace seshat::file_store
