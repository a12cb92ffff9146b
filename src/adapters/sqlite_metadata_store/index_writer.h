// Writes documents into the index. Private to the adapter.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/sqlite/database.h"
#include "core/document_fields.h"
#include "core/error.h"
#include "core/session_document.h"

namespace seshat::sqlite_index {

// One connection's worth: not thread-safe.
class IndexWriter {
 public:
  explicit IndexWriter(sqlite::Database& db) : db_(db) {}

  // All of them in one transaction, or none.
  Status Upsert(std::span<const SessionDocument> documents);
  Result<std::string> BeginRebuild();
  Status FinishRebuild(std::string_view token);

 private:
  struct Rebuild {
    int64_t generation = 0;
    std::string token;  // empty: none is going on
  };

  Status Transact(const std::function<Status()>& body);
  Result<Rebuild> ReadRebuild();
  Status UpsertOne(const SessionDocument& document, const Rebuild& rebuild);
  Status RemoveValues(int64_t sid);
  Status AddValues(int64_t sid, const SessionDocument& document);
  Status AddTyped(int64_t sid, int64_t field_id, const MetadataValue& value);
  Result<int64_t> FieldId(FieldKind kind, std::string_view name);
  Result<int64_t> TermId(int64_t field_id, std::string_view raw);

  sqlite::Database& db_;
  std::map<std::pair<FieldKind, std::string>, int64_t> fields_;  // rows of `field` are never removed
};

}  // namespace seshat::sqlite_index
