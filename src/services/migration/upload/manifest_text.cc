#include "services/migration/upload/manifest_text.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <mutex>
#include <utility>

#include "core/records/keys.h"
#include "ports/blob_transfer.h"
#include "services/migration/upload/file_plan.h"

namespace seshat::migration {
namespace {

constexpr size_t kPage = 1000;
constexpr uint64_t kKeepBytes = 4ULL << 20;

// Calls `use` for every record that `query` finds.
template <typename Use>
Status ForEachFile(MigrationJournal& journal, FileQuery query, const Use& use) {
  query.limit = kPage;
  while (true) {
    SESHAT_ASSIGN(const auto page, journal.ListFiles(query));
    for (const auto& file : page) SESHAT_TRY(use(file));
    if (page.size() < kPage) return {};
    query.after = page.back().path;
  }
}

bool Removed(const FileRecord& file, uint64_t committed_plan) {
  return WasCommitted(file, committed_plan) && file.state != FileState::kSkipped && !file.cleaned;
}

enum class Section { kHead, kFiles, kSkipped, kRemoved, kTail };

// One page of records as text, together with the punctuation before it.
struct Chunk {
  Section section = Section::kHead;
  std::string after;
  bool first = true;  // nothing of the section was written before it
  uint64_t offset = 0;
  uint64_t size = 0;
};

class Encoder {
 public:
  Encoder(MigrationJournal& journal, ManifestRequest request, SessionId id, std::string head)
      : journal_(journal), request_(std::move(request)), id_(std::move(id)), head_(std::move(head)) {}

  // The chunk's text; `next` becomes the chunk after it (kTail's next is kTail again).
  Result<std::string> Encode(const Chunk& chunk, Chunk& next) const {
    if (chunk.section == Section::kHead) {
      next = {.section = Section::kFiles};
      return head_;
    }
    if (chunk.section == Section::kTail) return std::string(records::kManifestTail);
    FileQuery query{.session = request_.session, .after = chunk.after, .limit = kPage};
    (chunk.section == Section::kRemoved ? query.not_plan : query.plan) = request_.plan;
    std::vector<FileRecord> page;
    // Before the first commit nothing can have been removed, however many records old plans left.
    if (chunk.section != Section::kRemoved || request_.committed_plan != 0) {
      SESHAT_ASSIGN(page, journal_.ListFiles(query));
    }
    std::string text;
    next = {.section = chunk.section, .first = chunk.first};
    for (const auto& file : page) {
      SESHAT_ASSIGN(const std::string item, Item(chunk.section, file));
      if (item.empty()) continue;
      if (!next.first) text += ',';
      text += item;
      next.first = false;
    }
    if (page.size() == kPage) {
      next.after = page.back().path;
    } else {
      next = {.section = static_cast<Section>(static_cast<int>(chunk.section) + 1)};
      if (next.section == Section::kSkipped) text += records::kManifestSkipped;
      if (next.section == Section::kRemoved) text += records::kManifestRemoved;
    }
    return text;
  }

 private:
  Result<std::string> Item(Section section, const FileRecord& file) const {
    if (section == Section::kRemoved)
      return Removed(file, request_.committed_plan) ? records::EncodeRemovedPath(file.path) : std::string();
    if (section == Section::kSkipped)
      return file.skip_kind.empty() ? std::string()
                                    : records::EncodeSkippedEntry({file.path, file.skip_kind, file.problem});
    if (file.state != FileState::kStored) return std::string();
    SESHAT_ASSIGN(const BlobKey key, keys::Raw(id_, file.since_revision, file.rewrite, file.path));
    return records::EncodeManifestFile({.path = file.path,
                                        .key = key.value(),
                                        .size = file.stored.size,
                                        .sha256 = file.sha256,
                                        .mode = file.stored.mode,
                                        .modified_at = Timestamp(std::chrono::nanoseconds(file.stored.modified_ns)),
                                        .storage_class = file.storage_class,
                                        .checksum = file.checksum,
                                        .since_revision = file.since_revision});
  }

  MigrationJournal& journal_;
  ManifestRequest request_;
  SessionId id_;
  std::string head_;
};

// Makes the chunks that a read touches anew, keeping the last one.
class EncodedBody : public BlobSource {
 public:
  EncodedBody(Encoder encoder, std::vector<Chunk> chunks, uint64_t size)
      : encoder_(std::move(encoder)), chunks_(std::move(chunks)), size_(size) {}

  uint64_t size() const override { return size_; }

  Status ReadAt(uint64_t offset, MutableByteSpan out) override {
    if (offset > size_ || out.size() > size_ - offset)
      return Fail(ErrorCode::kSourceChanged, "read beyond the end of the manifest");
    while (!out.empty()) {
      const auto it = std::ranges::upper_bound(chunks_, offset, {}, &Chunk::offset) - 1;
      SESHAT_ASSIGN(const auto text, TextOf(static_cast<size_t>(it - chunks_.begin())));
      const uint64_t begin = offset - it->offset;
      const size_t count = std::min<uint64_t>(out.size(), it->size - begin);
      std::memcpy(out.data(), text->data() + begin, count);
      out = out.subspan(count);
      offset += count;
    }
    return {};
  }

  Status CheckUnchanged() override { return {}; }

 private:
  Result<std::shared_ptr<const std::string>> TextOf(size_t index) {
    {
      const std::lock_guard lock(mutex_);
      if (index == kept_index_ && kept_) return kept_;
    }
    Chunk ignored;
    SESHAT_ASSIGN(std::string text, encoder_.Encode(chunks_[index], ignored));
    if (text.size() != chunks_[index].size)
      return Fail(ErrorCode::kInternal, "the journal changed while the manifest was read");
    auto made = std::make_shared<const std::string>(std::move(text));
    const std::lock_guard lock(mutex_);
    kept_index_ = index;
    kept_ = made;
    return made;
  }

  Encoder encoder_;
  std::vector<Chunk> chunks_;  // without empty ones
  uint64_t size_;
  std::mutex mutex_;
  size_t kept_index_ = 0;
  std::shared_ptr<const std::string> kept_;
};

}  // namespace

Result<ManifestSurvey> SurveyManifest(MigrationJournal& journal, const SourceLayout& layout,
                                      const ManifestRequest& request) {
  ManifestSurvey survey{.changed = request.committed_plan == 0};
  int64_t oldest = std::numeric_limits<int64_t>::max();
  int64_t newest = std::numeric_limits<int64_t>::min();
  size_t best = SIZE_MAX;
  std::string metadata;
  FileQuery query{.session = request.session, .plan = request.plan};
  SESHAT_TRY(ForEachFile(journal, query, [&](const FileRecord& file) -> Status {
    if (file.state == FileState::kPending || file.state == FileState::kIntended)
      return Fail(ErrorCode::kInternal, "a file of the session is not finished: " + records::EncodePath(file.path));
    survey.changed = survey.changed || file.changed_plan > request.committed_plan;
    if (!file.skip_kind.empty()) ++survey.skipped;
    if (file.skip_kind == EntryKindName(EntryKind::kUnreadable)) ++survey.unreadable;
    if (file.state != FileState::kStored) return {};
    ++survey.files;
    survey.bytes += file.stored.size;
    oldest = std::min(oldest, file.stored.modified_ns);
    newest = std::max(newest, file.stored.modified_ns);
    // Paths come in order, so the first of the best rank stays.
    if (const size_t rank = layout.MetadataRank(file.path); rank < best) {
      best = rank;
      metadata = file.path;
    }
    return {};
  }));
  if (!survey.changed) {
    query = {.session = request.session, .not_plan = request.plan};
    SESHAT_TRY(ForEachFile(journal, query, [&](const FileRecord& file) -> Status {
      survey.changed = survey.changed || Removed(file, request.committed_plan);
      return {};
    }));
  }
  const auto at = [&](int64_t ns) {
    return survey.files == 0 ? request.migrated_at : Timestamp(std::chrono::nanoseconds(ns));
  };
  survey.head = {.session_id = request.session.id,
                 .revision = request.revision,
                 .source = request.session.source,
                 .agent_id = request.agent_id,
                 .traceparent = request.traceparent,
                 .started_at = at(oldest),
                 .ended_at = at(newest),
                 .migrated_at = request.migrated_at};
  if (best != SIZE_MAX) survey.head.metadata_path = metadata;
  return survey;
}

Result<ManifestText> MakeManifestText(MigrationJournal& journal, const ManifestRequest& request,
                                      const ManifestSurvey& survey) {
  SESHAT_ASSIGN(auto id, SessionId::Parse(request.session.id));
  Encoder encoder(journal, request, std::move(id), records::EncodeManifestHead(survey.head));
  ManifestText out;
  Sha256Hasher hasher;
  std::vector<Chunk> chunks;
  std::string kept;
  for (Chunk chunk;;) {
    Chunk next;
    SESHAT_ASSIGN(const std::string text, encoder.Encode(chunk, next));
    hasher.Update(AsBytes(text));
    chunk.offset = out.size;
    chunk.size = text.size();
    out.size += text.size();
    if (out.size <= kKeepBytes)
      kept += text;
    else
      kept = {};
    const bool last = chunk.section == Section::kTail;
    if (!text.empty()) chunks.push_back(std::move(chunk));
    if (last) break;
    chunk = std::move(next);
  }
  out.sha256 = hasher.Finish();
  if (out.size <= kKeepBytes)
    out.body = SourceFromBytes(std::move(kept));
  else
    out.body = std::make_shared<EncodedBody>(std::move(encoder), std::move(chunks), out.size);
  return out;
}

}  // namespace seshat::migration
