#include "adapters/sqlite_metadata_store/index_writer.h"

#include <optional>
#include <utility>

#include "adapters/sqlite_metadata_store/document_codec.h"
#include "core/base/bytes.h"
#include "platform/search_segment/segment_builder.h"
#include "platform/search_segment/segment_format.h"

namespace seshat::sqlite_metadata_store {
namespace {

// A new segment's share of a large Upsert: what is sorted at a time.
constexpr size_t kDocsAtATime = 4096;
constexpr size_t kBytesAtATime = size_t{64} << 20;

}  // namespace

Status IndexWriter::Transact(const std::function<Status()>& body) {
  auto status = db_.Transact([&]() -> Status {
    SESHAT_TRY(table_.Begin());
    return body();
  });
  status ? table_.Committed() : table_.RolledBack();
  return status;
}

Result<int64_t> IndexWriter::ReadFormat() {
  SESHAT_ASSIGN(auto statement, db_.Prepare("SELECT segments FROM format"));
  SESHAT_ASSIGN(const bool row, statement.Step());
  if (!row) return Fail(ErrorCode::kDataLoss, "its row about the format is missing");
  return statement.Int(0);
}

Status IndexWriter::BringUpToDate() {
  constexpr int64_t kOurs = search_segment::kSegmentFormat;
  SESHAT_ASSIGN(const int64_t found, ReadFormat());
  if (found == kOurs) return {};
  if (found > kOurs) return Fail(ErrorCode::kUnsupported, "it was made by a newer version of seshat");
  auto status = db_.Transact([&]() -> Status {
    // Another process may have come first.
    SESHAT_ASSIGN(const int64_t format, ReadFormat());
    if (format == kOurs) return {};
    SESHAT_TRY(db_.Execute("DELETE FROM segment; DELETE FROM segment_content"));
    // Takes the old files away before the commit: nobody can read them any more.
    SESHAT_TRY(table_.Begin());
    SESHAT_TRY(MakeAllSegments());
    SESHAT_ASSIGN(auto put, db_.Prepare("UPDATE format SET segments = ?"));
    return put.Bind(kOurs).Run();
  });
  status ? table_.Committed() : table_.RolledBack();
  if (!status)
    return std::unexpected(std::move(status).error().WithContext("making it anew for this version of seshat"));
  return {};
}

Status IndexWriter::MakeAllSegments() {
  SESHAT_ASSIGN(auto read, db_.Prepare("SELECT sid, document FROM session ORDER BY sid"));
  std::map<int64_t, SessionDocument> documents;
  size_t bytes = 0;
  const auto flush = [&]() -> Status {
    Changes changes;
    for (const auto& [sid, document] : documents) changes.added[sid] = &document;
    SESHAT_TRY(AddSegments(changes));
    documents.clear();
    bytes = 0;
    return table_.MergeWhatIsDue();
  };
  while (true) {
    SESHAT_ASSIGN(const bool row, read.Step());
    if (!row) return flush();
    const auto packed = AsText(read.Blob(1));
    SESHAT_ASSIGN(auto document, UnpackDocument(packed));
    documents.emplace(read.Int(0), std::move(document));
    bytes += packed.size();
    if (documents.size() == kDocsAtATime || bytes > kBytesAtATime) SESHAT_TRY(flush());
  }
}

Status IndexWriter::Upsert(std::span<const SessionDocument> documents) {
  if (documents.empty()) return {};
  return Transact([&]() -> Status {
    SESHAT_ASSIGN(const auto rebuild, ReadRebuild());
    Changes changes;
    for (const auto& document : documents) SESHAT_TRY(UpsertOne(document, rebuild, changes));
    if (changes.added.empty()) return {};
    SESHAT_TRY(table_.MarkDead(changes.gone));
    SESHAT_TRY(AddSegments(changes));
    return table_.MergeWhatIsDue();
  });
}

Result<IndexWriter::Rebuild> IndexWriter::ReadRebuild() {
  SESHAT_ASSIGN(auto statement, db_.Prepare("SELECT generation, token FROM rebuild"));
  SESHAT_ASSIGN(const bool row, statement.Step());
  if (!row) return Fail(ErrorCode::kDataLoss, "its row about rebuilding is missing");
  return Rebuild{statement.Int(0), std::string(statement.Text(1))};
}

Status IndexWriter::UpsertOne(const SessionDocument& document, const Rebuild& rebuild, Changes& changes) {
  std::optional<int64_t> sid;
  const auto packed = PackDocument(document);
  bool keep = false;
  {
    SESHAT_ASSIGN(auto find, db_.Prepare("SELECT sid, version, document FROM session WHERE session_id = ?"));
    find.Bind(document.session_id);
    SESHAT_ASSIGN(const bool there, find.Step());
    if (there) {
      sid = find.Int(0);
      const auto version = static_cast<uint64_t>(find.Int(1));
      // A rebuild mostly finds what is there already.
      keep = version > document.version ||
             (version == document.version && (rebuild.token.empty() || AsText(find.Blob(2)) == packed));
    }
  }
  if (keep) {
    if (rebuild.token.empty()) return {};
    SESHAT_ASSIGN(auto mark, db_.Prepare("UPDATE session SET generation = ? WHERE sid = ?"));
    return mark.Bind(rebuild.generation).Bind(*sid).Run();
  }
  SESHAT_ASSIGN(auto put, db_.Prepare("INSERT INTO session(sid, session_id, version, generation, document) "
                                      "VALUES(?, ?, ?, ?, ?) ON CONFLICT(sid) DO UPDATE SET version = "
                                      "excluded.version, generation = excluded.generation, "
                                      "document = excluded.document"));
  put.Bind(sid)
      .Bind(document.session_id)
      .Bind(static_cast<int64_t>(document.version))
      .Bind(rebuild.generation)
      .BindBlob(AsBytes(packed));
  SESHAT_TRY(put.Run());
  const int64_t number = sid ? *sid : db_.last_insert_rowid();
  // One that came twice in this call has no document in a segment yet.
  if (sid && !changes.added.contains(number)) changes.gone.push_back(document.session_id);
  changes.added[number] = &document;
  return {};
}

Status IndexWriter::AddSegments(const Changes& changes) {
  std::vector<search_segment::NumberedDocument> documents;
  size_t bytes = 0;
  const auto flush = [&]() -> Status {
    if (documents.empty()) return {};
    SESHAT_TRY(table_.Add(search_segment::BuildSegment(documents), documents.size()));
    documents.clear();
    bytes = 0;
    return {};
  };
  for (const auto& [sid, document] : changes.added) {
    documents.push_back({static_cast<uint64_t>(sid), document});
    for (const auto& entry : document->metadata) bytes += entry.key.size() + entry.value.text.size();
    if (documents.size() == kDocsAtATime || bytes > kBytesAtATime) SESHAT_TRY(flush());
  }
  return flush();
}

Result<std::string> IndexWriter::BeginRebuild() {
  std::string token;
  SESHAT_TRY(Transact([&]() -> Status {
    SESHAT_ASSIGN(auto begin, db_.Prepare("UPDATE rebuild SET generation = generation + 1, "
                                          "token = lower(hex(randomblob(16))) RETURNING token"));
    SESHAT_TRY(begin.Step());
    token = begin.Text(0);
    return begin.Run();
  }));
  return token;
}

Status IndexWriter::FinishRebuild(std::string_view token) {
  return Transact([&]() -> Status {
    SESHAT_ASSIGN(const auto rebuild, ReadRebuild());
    if (token.empty() || token != rebuild.token)
      return Fail(ErrorCode::kNotFound, "no such rebuild: it is finished, or a newer one has begun");
    std::vector<std::string> gone;
    {
      SESHAT_ASSIGN(auto read, db_.Prepare("SELECT session_id FROM session WHERE generation < ?"));
      read.Bind(rebuild.generation);
      while (true) {
        SESHAT_ASSIGN(const bool row, read.Step());
        if (!row) break;
        gone.emplace_back(read.Text(0));
      }
    }
    SESHAT_TRY(table_.MarkDead(gone));
    {
      SESHAT_ASSIGN(auto remove, db_.Prepare("DELETE FROM session WHERE generation < ?"));
      SESHAT_TRY(remove.Bind(rebuild.generation).Run());
    }
    SESHAT_TRY(table_.MergeWhatIsDue());
    return db_.Execute("UPDATE rebuild SET token = ''");
  });
}

}  // namespace seshat::sqlite_metadata_store
