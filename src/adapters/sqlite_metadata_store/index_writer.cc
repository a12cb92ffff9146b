#include "adapters/sqlite_metadata_store/index_writer.h"

#include <functional>

#include "adapters/sqlite_metadata_store/index_database.h"
#include "core/text_fold.h"

namespace seshat::sqlite_index {
namespace {

int KindOf(const MetadataValue& value) {
  const int kind = (value.number ? kHasNumber : 0) | (value.date ? kHasDate : 0);
  return kind != 0 ? kind : kHasText;
}

std::string JoinedWords(std::string_view text) {
  std::string out;
  for (const auto& word : Words(text)) {
    if (!out.empty()) out += ' ';
    out += word;
  }
  return out;
}

}  // namespace

Status IndexWriter::Transact(const std::function<Status()>& body) {
  auto status = db_.Transact(body);
  // Ids that were given in a transaction that did not happen.
  if (!status) fields_.clear();
  return status;
}

Status IndexWriter::Upsert(std::span<const SessionDocument> documents) {
  if (documents.empty()) return {};
  return Transact([&]() -> Status {
    SESHAT_ASSIGN(const auto rebuild, ReadRebuild());
    for (const auto& document : documents) SESHAT_TRY(UpsertOne(document, rebuild));
    return {};
  });
}

Result<IndexWriter::Rebuild> IndexWriter::ReadRebuild() {
  SESHAT_ASSIGN(auto statement, db_.Prepare("SELECT generation, token FROM rebuild"));
  SESHAT_ASSIGN(const bool row, statement.Step());
  if (!row) return Fail(ErrorCode::kDataLoss, "its row about rebuilding is missing");
  return Rebuild{statement.Int(0), std::string(statement.Text(1))};
}

Status IndexWriter::UpsertOne(const SessionDocument& document, const Rebuild& rebuild) {
  std::optional<int64_t> sid;
  bool keep = false;
  {
    SESHAT_ASSIGN(auto find, db_.Prepare("SELECT sid, version FROM session WHERE session_id = ?"));
    find.Bind(document.session_id);
    SESHAT_ASSIGN(const bool there, find.Step());
    if (there) {
      sid = find.Int(0);
      const auto version = static_cast<uint64_t>(find.Int(1));
      keep = version > document.version || (version == document.version && rebuild.token.empty());
    }
  }
  if (keep) {
    if (rebuild.token.empty()) return {};
    SESHAT_ASSIGN(auto mark, db_.Prepare("UPDATE session SET generation = ? WHERE sid = ?"));
    return mark.Bind(rebuild.generation).Bind(*sid).Run();
  }
  if (sid) SESHAT_TRY(RemoveValues(*sid));
  SESHAT_ASSIGN(auto put,
                db_.Prepare("INSERT INTO session(sid, session_id, version, started_at, generation, document) "
                            "VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT(sid) DO UPDATE SET version = "
                            "excluded.version, started_at = excluded.started_at, "
                            "generation = excluded.generation, document = excluded.document"));
  put.Bind(sid)
      .Bind(document.session_id)
      .Bind(static_cast<int64_t>(document.version))
      .Bind(document.started_at.time_since_epoch().count())
      .Bind(rebuild.generation)
      .Bind(EncodeSessionDocument(document));
  SESHAT_TRY(put.Run());
  return AddValues(sid ? *sid : db_.last_insert_rowid(), document);
}

Status IndexWriter::RemoveValues(int64_t sid) {
  for (const char* sql : {"DELETE FROM value WHERE sid = ?", "DELETE FROM number WHERE sid = ?",
                          "DELETE FROM date WHERE sid = ?"}) {
    SESHAT_ASSIGN(auto statement, db_.Prepare(sql));
    SESHAT_TRY(statement.Bind(sid).Run());
  }
  return {};
}

Status IndexWriter::AddValues(int64_t sid, const SessionDocument& document) {
  for (const auto& [kind, field, value] : FieldValues(document)) {
    SESHAT_ASSIGN(const int64_t field_id, FieldId(kind, field));
    SESHAT_ASSIGN(const int64_t term_id, TermId(field_id, value.text));
    {
      SESHAT_ASSIGN(
          auto put,
          db_.Prepare("INSERT OR IGNORE INTO value(sid, field_id, term_id, kind) VALUES(?, ?, ?, ?)"));
      SESHAT_TRY(put.Bind(sid).Bind(field_id).Bind(term_id).Bind(KindOf(value)).Run());
    }
    // A value that comes twice is typed once.
    if (db_.changes() > 0) SESHAT_TRY(AddTyped(sid, field_id, value));
  }
  return {};
}

Status IndexWriter::AddTyped(int64_t sid, int64_t field_id, const MetadataValue& value) {
  if (value.number) {
    SESHAT_ASSIGN(
        auto put,
        db_.Prepare("INSERT INTO number(sid, field_id, number, whole, unit) VALUES(?, ?, ?, ?, ?)"));
    SESHAT_TRY(put.Bind(sid).Bind(field_id).Bind(*value.number).Bind(value.integer).Bind(value.unit).Run());
  }
  if (value.date) {
    SESHAT_ASSIGN(auto put, db_.Prepare("INSERT INTO date(sid, field_id, time) VALUES(?, ?, ?)"));
    SESHAT_TRY(put.Bind(sid).Bind(field_id).Bind(value.date->time_since_epoch().count()).Run());
  }
  return {};
}

Result<int64_t> IndexWriter::FieldId(FieldKind kind, std::string_view name) {
  auto key = std::pair(kind, FoldField(name));
  if (const auto known = fields_.find(key); known != fields_.end()) return known->second;
  int64_t id = 0;
  {
    SESHAT_ASSIGN(auto find, db_.Prepare("SELECT id FROM field WHERE folded = ? AND kind = ?"));
    SESHAT_ASSIGN(const bool there, find.Bind(key.second).Bind(static_cast<int>(kind)).Step());
    if (there) id = find.Int(0);
  }
  if (id == 0) {
    SESHAT_ASSIGN(auto add, db_.Prepare("INSERT INTO field(kind, folded, full_text) VALUES(?, ?, ?)"));
    SESHAT_TRY(add.Bind(static_cast<int>(kind)).Bind(key.second).Bind(IsFullText(kind, name) ? 1 : 0).Run());
    id = db_.last_insert_rowid();
  }
  // Users can write any number of keys; remembering the first of them is enough.
  constexpr size_t kMostRemembered = 10'000;
  if (fields_.size() < kMostRemembered) fields_.emplace(std::move(key), id);
  return id;
}

Result<int64_t> IndexWriter::TermId(int64_t field_id, std::string_view raw) {
  const auto key = TextKey(raw);
  {
    SESHAT_ASSIGN(auto find, db_.Prepare("SELECT id FROM term WHERE field_id = ? AND raw_key = ?"));
    SESHAT_ASSIGN(const bool there, find.Bind(field_id).BindBlob(AsBytes(key)).Step());
    if (there) return find.Int(0);
  }
  {
    SESHAT_ASSIGN(auto add,
                  db_.Prepare("INSERT INTO term(field_id, raw, raw_key, fold_key) VALUES(?, ?, ?, ?)"));
    SESHAT_TRY(
        add.Bind(field_id).Bind(raw).BindBlob(AsBytes(key)).BindBlob(AsBytes(TextKey(FoldCase(raw)))).Run());
  }
  const int64_t id = db_.last_insert_rowid();
  SESHAT_ASSIGN(auto words, db_.Prepare("INSERT INTO term_words(rowid, words) VALUES(?, ?)"));
  SESHAT_TRY(words.Bind(id).Bind(JoinedWords(raw)).Run());
  return id;
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
    for (const char* table : {"value", "number", "date", "session"}) {
      const auto sql =
          std::string("DELETE FROM ") + table +
          " WHERE sid IN (SELECT sid FROM session WHERE generation < (SELECT generation FROM rebuild))";
      SESHAT_ASSIGN(auto statement, db_.Prepare(sql));
      SESHAT_TRY(statement.Run());
    }
    return db_.Execute("UPDATE rebuild SET token = ''");
  });
}

}  // namespace seshat::sqlite_index
