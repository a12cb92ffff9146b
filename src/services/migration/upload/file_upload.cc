#include "services/migration/upload/file_upload.h"

#include <algorithm>
#include <span>
#include <utility>

#include "core/records/keys.h"
#include "core/records/storage_class.h"
#include "ports/blob_transfer.h"
#include "ports/span_names.h"
#include "services/migration/base/metric_names.h"

namespace seshat::migration {
namespace {

constexpr size_t kBatchFiles = 256;
constexpr size_t kHashBlock = 1 << 20;
// Small files are read and then hashed together: enough that several always run side by side, little enough to be in the
// second-level cache still.
constexpr uint64_t kHashedTogether = 1 << 20;
// A put that takes longer has a span of its own. Ours: a store that stalls shows, and the trace of a session of 300,000
// files stays one that people can read.
constexpr std::chrono::seconds kSlowPut{10};

Result<Sha256> HashFile(BlobSource& body) {
  Sha256Hasher hasher;
  std::vector<std::byte> block(std::min<uint64_t>(kHashBlock, body.size()));
  for (uint64_t offset = 0; offset < body.size();) {
    const auto part = std::span(block).first(std::min<uint64_t>(block.size(), body.size() - offset));
    SESHAT_TRY(body.ReadAt(offset, part));
    hasher.Update(part);
    offset += part.size();
  }
  SESHAT_TRY(body.CheckUnchanged());
  return hasher.Finish();
}

}  // namespace

// Writes a large file's put state into its record.
class FileUpload::Journal : public PutJournal {
 public:
  Journal(FileUpload& upload, FileRecord file) : upload_(upload), file_(std::move(file)) {}
  Status SaveState(std::string_view state) override {
    file_.state = FileState::kIntended;
    file_.put_state = state;
    return Save();
  }
  Status SaveDigest(const Sha256& digest) override {
    file_.state = FileState::kIntended;
    file_.sha256 = digest;
    return Save();
  }
  const FileRecord& file() const { return file_; }

 private:
  Status Save() {
    JournalChange change;
    change.files.emplace_back(upload_.session_, file_);
    return upload_.context_.Save(change);
  }

  FileUpload& upload_;
  FileRecord file_;
};

FileUpload::FileUpload(UploadContext& context, SourceRuntime& source, SessionRef session, SessionId id,
                       PlanNumbers numbers, uint32_t attempts, const Span& span)
    : context_(context),
      source_(source),
      session_(std::move(session)),
      id_(std::move(id)),
      numbers_(numbers),
      last_attempt_(attempts >= 2),
      span_(span) {}
FileUpload::~FileUpload() = default;

BlobKey FileUpload::KeyOf(const FileRecord& file) const {
  // The plan has checked it; a rewrite number makes a key at most a few bytes longer.
  return keys::Raw(id_, file.since_revision, file.rewrite, file.path).value();
}

Result<std::optional<FileRecord>> FileUpload::NextFile() {
  if (!again_.empty()) {
    FileRecord file = std::move(again_.front());
    again_.pop_front();
    return file;
  }
  if (page_.empty() && !exhausted_) {
    const FileQuery query{
        .session = session_, .after = cursor_, .limit = kBatchFiles, .plan = numbers_.plan, .unfinished = true};
    SESHAT_ASSIGN(auto page, context_.ports.journal.ListFiles(query));
    exhausted_ = page.size() < kBatchFiles;
    if (!page.empty()) cursor_ = page.back().path;
    page_.assign(std::make_move_iterator(page.begin()), std::make_move_iterator(page.end()));
  }
  if (page_.empty()) return std::nullopt;
  FileRecord file = std::move(page_.front());
  page_.pop_front();
  return file;
}

Result<std::optional<PutRequest>> FileUpload::Next(JournalChange& also) {
  if (ready_.empty() && !context_.halted()) SESHAT_TRY(Fill(also));
  if (ready_.empty() || context_.halted()) return std::nullopt;
  auto [request, put] = std::move(ready_.front());
  ready_.pop_front();
  request.tag = next_tag_++;
  put.begun = context_.ports.clock.Now();
  in_flight_.emplace(request.tag, std::move(put));
  return request;
}

Status FileUpload::Fill(JournalChange& also) {
  Batch batch;
  std::vector<ReadFile> read;
  uint64_t bytes = 0;
  uint64_t read_bytes = 0;
  while (batch.size() + read.size() < kBatchFiles && bytes < context_.options.small_file_bytes) {
    if (context_.stop.stop_requested()) break;
    if (context_.buffered + bytes >= context_.options.buffered_bytes) break;
    if (const auto wait = source_.bandwidth->Wait(); wait.count() > 0) {
      context_.throttled = std::min(context_.throttled.value_or(wait), wait);
      break;
    }
    SESHAT_ASSIGN(auto file, NextFile());
    if (!file) break;
    const uint64_t size = file->stat.size;
    if (size > context_.options.small_file_bytes) {
      if (!batch.empty() || !read.empty()) {
        page_.push_front(*std::move(file));
        break;
      }
      SESHAT_TRY(PrepareLarge(*std::move(file)));
      if (!ready_.empty()) return {};
      continue;
    }
    bytes += size;
    read_bytes += size;
    SESHAT_TRY(ReadSmall(*std::move(file), read));
    if (read_bytes >= kHashedTogether) {
      PrepareSmall(std::exchange(read, {}), batch);
      read_bytes = 0;
    }
  }
  PrepareSmall(std::move(read), batch);
  return Intend(std::move(batch), also);
}

Status FileUpload::Intend(Batch batch, JournalChange& also) {
  if (batch.empty() && outcomes_.size() < kBatchFiles) return {};
  JournalChange change = std::exchange(also, {});
  for (const auto& [request, put] : batch) change.files.emplace_back(session_, put.file);
  for (auto& file : std::exchange(outcomes_, {})) change.files.emplace_back(session_, std::move(file));
  SESHAT_TRY(context_.Save(change));
  for (auto& item : batch) {
    context_.buffered += item.second.buffered;
    ready_.push_back(std::move(item));
  }
  return {};
}

Result<std::optional<SourceFile>> FileUpload::OpenAsPlanned(FileRecord& file) {
  auto opened = source_.tree->Open(source_.layout->PathOf(session_.id, file.path));
  if (!opened) {
    if (opened.error().code == ErrorCode::kNotFound)
      return Fail(ErrorCode::kSourceChanged, records::EncodePath(file.path) + " is no longer there");
    SESHAT_TRY(Unreadable(std::move(file), opened.error()));
    return std::nullopt;
  }
  if (opened->stat != file.stat)
    return Fail(ErrorCode::kSourceChanged,
                records::EncodePath(file.path) + " changed after the session was judged complete");
  return *std::move(opened);
}

Status FileUpload::Unreadable(FileRecord file, const Error& error) {
  const bool skip =
      error.code == ErrorCode::kPermissionDenied || (error.code == ErrorCode::kUnavailable && last_attempt_);
  if (!skip) return std::unexpected(error);
  if (!file.put_state.empty()) {
    // Best effort: parts that stay behind cost space, not correctness.
    if (const auto done = context_.ports.store.Abandon(KeyOf(file), file.put_state); !done)
      context_.ports.logger.Warning("could not free the parts of an unfinished upload",
                                    {{"session", session_.id}, {"path", file.path}, {"error", done.error().message}});
  }
  if (HasStoredBytes(file)) {
    KeepStored(file, numbers_, error.message);
  } else {
    SkipFile(file, numbers_, EntryKindName(EntryKind::kUnreadable), error.message);
  }
  context_.ports.logger.Warning(
      "cannot read a file; the session will be partial",
      {{"source", session_.source}, {"session", session_.id}, {"path", file.path}, {"error", error.message}});
  outcomes_.push_back(std::move(file));
  return {};
}

void FileUpload::Settle(FileRecord file, const Sha256& sha256, const PutOutcome* outcome) {
  if (outcome != nullptr) {
    file.checksum = outcome->checksum;
    file.storage_class = outcome->storage_class;
  }
  MarkStored(file, numbers_, sha256);
  outcomes_.push_back(std::move(file));
}

Status FileUpload::ReadSmall(FileRecord file, std::vector<ReadFile>& read) {
  SESHAT_ASSIGN(auto opened, OpenAsPlanned(file));
  if (!opened) return {};
  std::string bytes(file.stat.size, '\0');
  source_.bandwidth->Take(bytes.size());
  if (const auto done = opened->body->ReadAt(0, std::as_writable_bytes(std::span(bytes))); !done)
    return Unreadable(std::move(file), done.error());
  SESHAT_TRY(opened->body->CheckUnchanged());
  read.push_back({std::move(file), std::move(bytes)});
  return {};
}

void FileUpload::PrepareSmall(std::vector<ReadFile> read, Batch& batch) {
  std::vector<ByteSpan> contents;
  contents.reserve(read.size());
  for (const ReadFile& file : read) contents.push_back(AsBytes(file.bytes));
  const std::vector<Sha256> digests = Sha256::OfEach(contents);
  for (size_t i = 0; i < read.size(); ++i) PlanSmall(std::move(read[i]), digests[i], batch);
}

void FileUpload::PlanSmall(ReadFile read, const Sha256& sha256, Batch& batch) {
  FileRecord file = std::move(read.file);
  if (HasStoredBytes(file) && file.sha256 == sha256) {
    Settle(std::move(file), sha256, nullptr);
    return;
  }
  // An intent for the same bytes may already have been carried out; one for others has burnt the key.
  const bool repeated = file.state == FileState::kIntended && file.sha256 == sha256;
  if (!repeated && (file.state == FileState::kIntended || HasStoredBytes(file))) MoveToNextKey(file, numbers_);
  file.state = FileState::kIntended;
  file.sha256 = sha256;
  file.storage_class = records::ChooseStorageClass(context_.options.prices, ObjectKind::kData, read.bytes.size());
  PutRequest request{.key = KeyOf(file), .body = nullptr, .storage_class = file.storage_class, .sha256 = sha256};
  Put put{.file = std::move(file), .fresh = !repeated, .buffered = read.bytes.size()};
  request.body = SourceFromBytes(std::move(read.bytes));
  batch.emplace_back(std::move(request), std::move(put));
}

Status FileUpload::PrepareLarge(FileRecord file) {
  SESHAT_ASSIGN(auto opened, OpenAsPlanned(file));
  if (!opened) return {};
  auto body =
      std::make_shared<UploadBody>(std::move(opened->body), source_.bandwidth, context_.ports.clock, context_.stop);
  if (HasStoredBytes(file)) {
    // Only its attributes seem to have changed: a look is cheaper than storing it twice.
    auto now = HashFile(*body);
    if (!now) return Unreadable(std::move(file), now.error());
    if (*now == file.sha256) {
      Settle(std::move(file), *now, nullptr);
      return {};
    }
    MoveToNextKey(file, numbers_);
  }
  file.storage_class = records::ChooseStorageClass(context_.options.prices, ObjectKind::kData, file.stat.size);
  PutRequest request{
      .key = KeyOf(file), .body = body, .storage_class = file.storage_class, .resume_state = file.put_state};
  Put put{.file = file, .fresh = file.put_state.empty(), .body = std::move(body)};
  put.journal = std::make_unique<Journal>(*this, std::move(file));
  request.journal = put.journal.get();
  ready_.emplace_back(std::move(request), std::move(put));
  return {};
}

Status FileUpload::AlreadyThere(Put put) {
  const bool large = put.journal != nullptr;
  if (!large && !put.fresh) {
    // An intent of ours for these very bytes, under an id of ours: our own finished write.
    const Sha256 sha256 = put.file.sha256;
    Settle(std::move(put.file), sha256, nullptr);
    return {};
  }
  context_.ports.logger.Warning("a key that should be free is taken; storing the file under another one",
                                {{"session", session_.id}, {"key", KeyOf(put.file).value()}});
  MoveToNextKey(put.file, numbers_);
  if (const auto key = keys::Raw(id_, put.file.since_revision, put.file.rewrite, put.file.path); !key) {
    SkipFile(put.file, numbers_, "name", key.error().message);
    outcomes_.push_back(std::move(put.file));
    return {};
  }
  again_.push_back(std::move(put.file));
  return {};
}

Status FileUpload::Done(uint64_t tag, const Result<PutOutcome>& outcome) {
  auto node = in_flight_.extract(tag);
  if (node.empty()) return Fail(ErrorCode::kInternal, "the store ended a put that it was never given");
  Put put = std::move(node.mapped());
  context_.buffered -= put.buffered;
  Trace(put, outcome);
  if (outcome) {
    if (put.journal) put.file = put.journal->file();
    ++context_.summary.files;
    context_.summary.bytes += outcome->size;
    context_.ports.metrics.Record(metric::kFiles, 1, {{"source", session_.source}});
    context_.ports.metrics.Record(metric::kBytes, static_cast<double>(outcome->size), {{"source", session_.source}});
    Settle(std::move(put.file), outcome->sha256, &*outcome);
    return {};
  }
  const Error& error = outcome.error();
  if (put.body) {
    if (const auto own = put.body->error(); own && own->code != ErrorCode::kCancelled)
      return Unreadable(put.journal->file(), *own);
  }
  switch (error.code) {
    case ErrorCode::kAlreadyExists:
      return AlreadyThere(std::move(put));
    case ErrorCode::kSourceChanged:
      return std::unexpected(error);
    case ErrorCode::kInvalidArgument: {
      SkipFile(put.file, numbers_, "name", error.message);
      outcomes_.push_back(std::move(put.file));
      return {};
    }
    case ErrorCode::kNotFound:
      // The store has forgotten the unfinished upload: it is begun anew, under the same key.
      if (put.journal && !put.file.put_state.empty()) {
        put.file.put_state.clear();
        put.file.state = FileState::kPending;
        put.file.sha256 = {};
        again_.push_back(std::move(put.file));
        return {};
      }
      [[fallthrough]];
    default:
      context_.Halt(Error(error).WithContext("storing " + KeyOf(put.file).value()));
      return {};
  }
}

void FileUpload::Trace(const Put& put, const Result<PutOutcome>& outcome) const {
  if (!span_.recording()) return;
  // "Already there" is what a put answers that is repeated after a crash.
  const bool failed =
      !outcome && outcome.error().code != ErrorCode::kAlreadyExists && outcome.error().code != ErrorCode::kCancelled;
  if (!failed && context_.ports.clock.Now() - put.begun < kSlowPut) return;
  Span span = span_.Child("upload file", SpanKind::kInternal, put.begun);
  span.Set(span_names::kFilePath, put.file.path);
  span.Set(span_names::kFileSize, put.file.stat.size);
  if (failed) span.SetError(outcome.error());
}

void FileUpload::Leave(JournalChange& change) {
  for (const auto& [request, put] : ready_) context_.buffered -= put.buffered;
  ready_.clear();
  for (auto& file : std::exchange(outcomes_, {})) change.files.emplace_back(session_, std::move(file));
}

}  // namespace seshat::migration
