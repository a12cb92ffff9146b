// Finds the sessions that a query matches. Private to the adapter.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/sqlite/database.h"
#include "adapters/sqlite_metadata_store/sid_set.h"
#include "core/error.h"
#include "core/field_aliases.h"
#include "core/query.h"
#include "core/text_match.h"

namespace seshat::sqlite_index {

// Fields with one of these names (FieldAliases::Group), key names not among them: for each name none, one or
// two (a fixed field and a metadata key).
Result<std::vector<int64_t>> FieldIds(sqlite::Database& db, std::span<const std::string> group);

// Inside one read transaction of `db`. Not thread-safe.
class QueryRunner {
 public:
  QueryRunner(sqlite::Database& db, const FieldAliases& aliases) : db_(db), aliases_(aliases) {}

  // Precondition: CheckQuery.
  Result<SidSet> Run(const Query& query);

 private:
  using Ids = std::vector<int64_t>;
  using ValueTest = std::function<bool(const MetadataValue&)>;
  // What an ordering lets through at most; `test` decides.
  struct Scan {
    double least;
    double most;
    int64_t first;
    int64_t last;
    ValueTest test;
  };

  Result<SidSet> RunAll(const std::vector<Query>& clauses);
  Result<SidSet> RunAny(const std::vector<Query>& clauses);
  Result<SidSet> RunCompare(const Compare& node);
  Result<SidSet> RunRange(const Range& node);
  Result<SidSet> RunExists(const Exists& node);
  Result<SidSet> RunText(const Text& node);

  Status ScanNumbers(int64_t field_id, const Scan& scan, Ids& sids);
  Status ScanDates(int64_t field_id, const Scan& scan, Ids& sids);
  Result<Ids> Sids(std::string_view sql, int64_t field_id, std::string_view key);

  // Terms of any field.
  Result<Ids> TermsWithWords(const TextMatcher& matcher);
  Result<Ids> TermsWithMatchingWord(const TextMatcher& matcher, size_t index);
  Result<Ids> TermsThatMatchWhole(const TextMatcher& matcher, const Ids& fields);
  Result<Ids> CandidateTerms(const TextMatcher& matcher, const Ids& fields);
  Status AddTermsOf(const std::string& match, Ids& terms);
  Result<Ids> FullTextFields();

  sqlite::Database& db_;
  const FieldAliases& aliases_;
};

}  // namespace seshat::sqlite_index
