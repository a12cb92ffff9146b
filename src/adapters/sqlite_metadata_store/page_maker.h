// Makes a page of results out of the sessions that were found. Private to the adapter.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "adapters/sqlite/database.h"
#include "adapters/sqlite_metadata_store/sid_set.h"
#include "core/error.h"
#include "ports/metadata_store.h"
#include "ports/search_request.h"

namespace seshat::sqlite_index {

// Inside one read transaction of `db`. Not thread-safe.
class PageMaker {
 public:
  PageMaker(sqlite::Database& db, const SidSet& found, const FieldAliases& aliases)
      : db_(db), found_(found), aliases_(aliases) {}

  Result<SearchPage> Make(const SearchRequest& request, const std::optional<SortKey>& after);

 private:
  struct Row {
    int64_t sid = 0;
    SortKey key;
  };
  using Keys = std::unordered_map<int64_t, SortKey>;

  // The rows behind `after`, in order, at least `limit` + 1 of them where there are as many.
  Result<std::vector<Row>> NewestRows(size_t limit, const std::optional<SortKey>& after);
  Result<std::vector<Row>> ScanNewest(size_t limit, const std::optional<SortKey>& after);
  Result<std::vector<Row>> AllRows();
  Result<std::vector<Row>> RowsByField(const SortOrder& sort, const std::optional<SortKey>& after);
  Status OfferNumbers(int64_t field, bool descending, Keys& keys);
  Status OfferDates(int64_t field, bool descending, Keys& keys);
  Status OfferTexts(int64_t field, bool descending, Keys& keys);
  Result<SearchHit> Hit(int64_t sid);
  Result<Facet> Count(const std::string& field, size_t most);
  Result<Histogram> Bars(const HistogramRequest& request);

  sqlite::Database& db_;
  const SidSet& found_;
  const FieldAliases& aliases_;
  size_t sessions_ = 0;
};

}  // namespace seshat::sqlite_index
