#include "adapters/file_store/stream_put.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "adapters/file_store/disk_path.h"

namespace seshat::file_store {

bool EndsPut(ErrorCode code) {
  return code == ErrorCode::kAlreadyExists || code == ErrorCode::kSourceChanged || code == ErrorCode::kDataLoss ||
         code == ErrorCode::kInvalidArgument;
}

std::string StreamPut::Doing(std::string_view what) const {
  return fmt::format("{} {}/{}", what, tree_.root_path(), request_.key.value());
}

Status StreamPut::SaveState() {
  return request_.journal != nullptr ? request_.journal->SaveState(state_.Format()) : Status();
}

Result<PutOutcome> StreamPut::Run(const std::stop_token& stop) {
  SESHAT_ASSIGN(auto finished, Begin());
  if (finished) return *finished;
  Result<PutOutcome> outcome = [&]() -> Result<PutOutcome> {
    SESHAT_ASSIGN(const Sha256 digest, Transfer(stop));
    return Publish(digest);
  }();
  // Without a journal nobody comes back for the file; with one, its name stays until "done" is saved.
  const bool over = outcome || !resumable() || (!named_ && EndsPut(outcome.error().code));
  if (over) tree_.RemoveTemp(state_.name);
  return outcome;
}

Result<std::optional<PutOutcome>> StreamPut::Begin() {
  if (!request_.resume_state.empty()) return Resume();
  SESHAT_ASSIGN(TempFile temp, tree_.MakeTemp(resumable(), resumable() ? 0600 : options_.object_mode));
  fd_ = std::move(temp.fd);
  state_ = {.name = std::move(temp.name), .size = request_.body->size()};
  if (!resumable()) return std::nullopt;
  // After a power cut the name tells whether the object is ours, so it must not be lost before the object's.
  SESHAT_ASSIGN(const int puts, tree_.Puts());
  if (auto synced = SyncFile(puts); !synced) return FailWith(synced.error(), Doing("beginning"));
  SESHAT_TRY(SaveState());
  return std::nullopt;
}

Result<std::optional<PutOutcome>> StreamPut::Resume() {
  const auto known = PutState::Parse(request_.resume_state);
  if (!known) return ResumeWithoutFile();
  state_ = *known;
  if (state_.size != request_.body->size())
    return Fail(ErrorCode::kSourceChanged,
                fmt::format("'{}' has another size than when its put began", request_.key.value()));
  if (state_.done) return ResumeWithoutFile();
  SESHAT_ASSIGN(const int puts, tree_.Puts());
  auto opened = OpenBeneath(puts, state_.name, O_RDONLY | O_NONBLOCK);
  if (!opened && opened.error() == ENOENT) return ResumeWithoutFile();
  if (!opened) return FailWith(opened.error(), Doing("resuming"));
  fd_ = *std::move(opened);
  if (auto locked = LockFile(fd_.get()); !locked)
    return FailWith(locked.error(), Doing("another process may be busy with this put; resuming"));
  struct stat status{};
  if (::fstat(fd_.get(), &status) != 0) return FailWith(errno, Doing("resuming"));
  if (status.st_nlink == 0) return ResumeWithoutFile();  // the other process has just finished it
  if (status.st_nlink > 1) {
    SESHAT_ASSIGN(PutOutcome outcome, FinishLinked());
    return outcome;
  }
  // The mode may be the object's already, which lets nobody write.
  if (::fchmod(fd_.get(), 0600) != 0) return FailWith(errno, Doing("resuming"));
  auto writable = OpenBeneath(puts, state_.name, O_RDWR);
  if (!writable) return FailWith(writable.error(), Doing("resuming"));
  if (auto locked = (fd_.Reset(), LockFile(writable->get())); !locked)
    return FailWith(locked.error(), Doing("another process may be busy with this put; resuming"));
  fd_ = *std::move(writable);
  kept_ = state_.durable;
  return std::nullopt;
}

Result<std::optional<PutOutcome>> StreamPut::ResumeWithoutFile() {
  auto object = OpenBeneath(tree_.root(), DiskPath(request_.key.value()), O_PATH | O_NOFOLLOW);
  if (!object && object.error() != ENOENT && object.error() != ENOTDIR)
    return FailWith(object.error(), Doing("looking at"));
  if (!object)
    return Fail(ErrorCode::kNotFound,
                fmt::format("the resumable put of '{}' is not known any more: begin it anew", request_.key.value()));
  if (!state_.done)
    return Fail(ErrorCode::kAlreadyExists, fmt::format("'{}' is taken; nothing was changed", request_.key.value()));
  tree_.RemoveTemp(state_.name);
  return PutOutcome{.sha256 = *state_.done, .size = state_.size};
}

// The file has its second name: the object's. All its bytes were synced before it got that.
Result<PutOutcome> StreamPut::FinishLinked() {
  Sha256Hasher hasher;
  std::vector<std::byte> buffer(ChunkWriter::kChunkBytes);
  for (uint64_t offset = 0; offset < state_.size; offset += buffer.size()) {
    auto got = ReadFull(fd_.get(), buffer, offset);
    if (!got) return FailWith(got.error(), Doing("reading back"));
    hasher.Update(ByteSpan(buffer).first(*got));
  }
  SESHAT_ASSIGN(PutOutcome outcome, Link(hasher.Finish()));
  tree_.RemoveTemp(state_.name);
  return outcome;
}

Result<Sha256> StreamPut::Transfer(const std::stop_token& stop) {
  ChunkWriter writer(fd_.get(), resumable() ? options_.part_bytes : 0);
  Sha256Hasher hasher;
  const uint64_t size = state_.size;
  for (uint64_t offset = 0; offset < size;) {
    if (stop.stop_requested()) return std::unexpected(CancelledAfterSync(writer));
    // New parts end where the state says so, even where they are smaller than a chunk.
    const uint64_t most = offset < kept_ ? kept_ - offset
                          : resumable()  ? std::min<uint64_t>(options_.part_bytes, size - offset)
                                         : size - offset;
    auto buffer = writer.Buffer(std::min<uint64_t>(most, ChunkWriter::kChunkBytes));
    if (!buffer) return FailWith(buffer.error(), Doing("writing"));
    SESHAT_TRY(request_.body->ReadAt(offset, *buffer));
    hasher.Update(*buffer);
    const size_t length = buffer->size();
    bool kept = false;
    if (offset < kept_) {
      SESHAT_ASSIGN(kept, HoldsAlready(offset, *buffer));
      if (!kept) kept_ = offset;
    }
    if (!kept) {
      if (auto handed = writer.Write(offset, offset + length < size); !handed)
        return FailWith(handed.error(), Doing("writing"));
    }
    offset += length;
    SESHAT_TRY(SaveProgress(writer));
    between_chunks_();
  }
  const Sha256 digest = hasher.Finish();
  SESHAT_TRY(request_.body->CheckUnchanged());
  if (request_.sha256 && *request_.sha256 != digest)
    return Fail(ErrorCode::kDataLoss,
                fmt::format("the bytes for '{}' do not have the digest that was announced", request_.key.value()));
  if (resumable() && ::fchmod(fd_.get(), options_.object_mode) != 0) return FailWith(errno, Doing("writing"));
  if (auto done = writer.Finish(); !done) return FailWith(done.error(), Doing("writing"));
  return digest;
}

// What an earlier run left is trusted only where it is what the body says: the digest is then the digest of
// the bytes on disk.
Result<bool> StreamPut::HoldsAlready(uint64_t offset, ByteSpan bytes) {
  compared_.resize(bytes.size());
  auto got = ReadFull(fd_.get(), compared_, offset);
  if (!got) return FailWith(got.error(), Doing("reading back"));
  return *got == bytes.size() && std::memcmp(compared_.data(), bytes.data(), bytes.size()) == 0;
}

Status StreamPut::SaveProgress(const ChunkWriter& writer) {
  const uint64_t durable = writer.durable().value_or(0);
  if (!resumable() || durable <= state_.durable) return {};
  state_.durable = durable;
  return SaveState();
}

Error StreamPut::CancelledAfterSync(ChunkWriter& writer) {
  Error cancelled{ErrorCode::kCancelled, "stopped"};
  if (!resumable()) return cancelled;
  if (auto done = writer.Finish(); !done) return StoreError(done.error(), Doing("writing"));
  if (auto saved = SaveProgress(writer); !saved) return std::move(saved).error();
  return cancelled;
}

Result<PutOutcome> StreamPut::Publish(const Sha256& digest) {
  struct stat status{};
  if (::fstat(fd_.get(), &status) != 0) return FailWith(errno, Doing("writing"));
  if (static_cast<uint64_t>(status.st_size) != state_.size)
    return Fail(ErrorCode::kDataLoss, Doing("another program changed the unfinished put of"));
  if (request_.journal != nullptr) SESHAT_TRY(request_.journal->SaveDigest(digest));
  return Link(digest);
}

Result<PutOutcome> StreamPut::Link(const Sha256& digest) {
  LinkRound round(tree_);
  Status linked = round.Link(state_.name, request_.key.value());
  if (linked || linked.error().code == ErrorCode::kAlreadyExists) SESHAT_TRY(round.Sync());
  if (!linked) return std::unexpected(std::move(linked).error());
  named_ = true;
  if (resumable()) {
    state_.done = digest;
    SESHAT_TRY(SaveState());
  }
  return PutOutcome{.sha256 = digest, .size = state_.size};
}

}  // namespace seshat::file_store
