#include "adapters/sqlite_metadata_store/page_maker.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "adapters/sqlite_metadata_store/index_database.h"
#include "adapters/sqlite_metadata_store/query_runner.h"

namespace seshat::sqlite_index {
namespace {

// One lookup costs about as much as this many steps along the index of newest sessions.
constexpr size_t kStepsPerLookup = 8;

void Arrange(auto& rows, const std::optional<SortKey>& after, bool descending) {
  if (after) std::erase_if(rows, [&](const auto& row) { return !ComesBefore(*after, row.key, descending); });
  std::ranges::sort(rows,
                    [&](const auto& a, const auto& b) { return ComesBefore(a.key, b.key, descending); });
}

Timestamp Time(int64_t nanoseconds) { return Timestamp{std::chrono::nanoseconds{nanoseconds}}; }

}  // namespace

Result<SearchPage> PageMaker::Make(const SearchRequest& request, const std::optional<SortKey>& after) {
  {
    SESHAT_ASSIGN(auto count, db_.Prepare("SELECT count(*) FROM session"));
    SESHAT_TRY(count.Step());
    sessions_ = static_cast<size_t>(count.Int(0));
  }
  SearchPage page;
  page.total = found_.Count(sessions_);
  for (const auto& field : request.facets) {
    SESHAT_ASSIGN(auto facet, Count(field, request.facet_values));
    page.facets.push_back(std::move(facet));
  }
  for (const auto& histogram : request.histograms) {
    SESHAT_ASSIGN(auto bars, Bars(histogram));
    page.histograms.push_back(std::move(bars));
  }
  if (request.limit == 0) return page;
  std::vector<Row> rows;
  if (request.sort.by == SortOrder::By::kField) {
    SESHAT_ASSIGN(rows, RowsByField(request.sort, after));
  } else {
    SESHAT_ASSIGN(rows, NewestRows(request.limit, after));
  }
  const size_t count = std::min(request.limit, rows.size());
  for (size_t i = 0; i < count; ++i) {
    SESHAT_ASSIGN(auto hit, Hit(rows[i].sid));
    page.hits.push_back(std::move(hit));
  }
  if (rows.size() > count) page.next_cursor = EncodeCursor(request, rows[count - 1].key);
  return page;
}

Result<std::vector<PageMaker::Row>> PageMaker::NewestRows(size_t limit, const std::optional<SortKey>& after) {
  if (found_.Count(sessions_) * kStepsPerLookup >= sessions_) return ScanNewest(limit, after);
  SESHAT_ASSIGN(auto rows, AllRows());
  Arrange(rows, after, false);
  return rows;
}

Result<std::vector<PageMaker::Row>> PageMaker::ScanNewest(size_t limit, const std::optional<SortKey>& after) {
  SESHAT_ASSIGN(auto scan,
                db_.Prepare("SELECT sid, started_at, session_id FROM session WHERE started_at <= ? "
                            "ORDER BY started_at DESC, session_id"));
  scan.Bind(after ? after->started_at.time_since_epoch().count()
                  : Timestamp::max().time_since_epoch().count());
  std::vector<Row> rows;
  while (rows.size() <= limit) {
    SESHAT_ASSIGN(const bool there, scan.Step());
    if (!there) break;
    if (!found_.Has(scan.Int(0))) continue;
    Row row;
    row.sid = scan.Int(0);
    row.key.started_at = Time(scan.Int(1));
    row.key.session_id = scan.Text(2);
    if (!after || ComesBefore(*after, row.key, false)) rows.push_back(std::move(row));
  }
  return rows;
}

// In no order, without values of a sort field.
Result<std::vector<PageMaker::Row>> PageMaker::AllRows() {
  std::vector<Row> rows;
  const bool listed = !found_.is_complement();
  SESHAT_ASSIGN(auto read,
                db_.Prepare(listed ? "SELECT sid, started_at, session_id FROM session WHERE sid = ?"
                                   : "SELECT sid, started_at, session_id FROM session"));
  const auto take = [&]() -> Result<bool> {
    SESHAT_ASSIGN(const bool there, read.Step());
    if (!there) return false;
    if (!found_.Has(read.Int(0))) return true;
    Row row;
    row.sid = read.Int(0);
    row.key.started_at = Time(read.Int(1));
    row.key.session_id = read.Text(2);
    rows.push_back(std::move(row));
    return true;
  };
  if (listed) {
    for (const int64_t sid : found_.listed()) {
      read.Bind(sid);
      SESHAT_TRY(take());
      read.Reset();
    }
    return rows;
  }
  while (true) {
    SESHAT_ASSIGN(const bool more, take());
    if (!more) return rows;
  }
}

Result<std::vector<PageMaker::Row>> PageMaker::RowsByField(const SortOrder& sort,
                                                           const std::optional<SortKey>& after) {
  SESHAT_ASSIGN(auto rows, AllRows());
  Keys keys;
  for (const auto& row : rows) keys.emplace(row.sid, row.key);
  SESHAT_ASSIGN(const auto fields, FieldIds(db_, aliases_.Group(sort.field)));
  for (const int64_t field : fields) {
    SESHAT_TRY(OfferNumbers(field, sort.descending, keys));
    SESHAT_TRY(OfferDates(field, sort.descending, keys));
    SESHAT_TRY(OfferTexts(field, sort.descending, keys));
  }
  for (auto& row : rows) row.key = keys[row.sid];
  Arrange(rows, after, sort.descending);
  return rows;
}

Status PageMaker::OfferNumbers(int64_t field, bool descending, Keys& keys) {
  SESHAT_ASSIGN(auto read, db_.Prepare("SELECT sid, number, unit FROM number WHERE field_id = ?"));
  read.Bind(field);
  MetadataValue value;
  while (true) {
    SESHAT_ASSIGN(const bool row, read.Step());
    if (!row) return {};
    const auto key = keys.find(read.Int(0));
    if (key == keys.end()) continue;
    value.number = read.Double(1);
    value.unit = read.Text(2);
    key->second.Offer(value, descending);
  }
}

Status PageMaker::OfferDates(int64_t field, bool descending, Keys& keys) {
  SESHAT_ASSIGN(auto read, db_.Prepare("SELECT sid, time FROM date WHERE field_id = ?"));
  read.Bind(field);
  MetadataValue value;
  while (true) {
    SESHAT_ASSIGN(const bool row, read.Step());
    if (!row) return {};
    const auto key = keys.find(read.Int(0));
    if (key == keys.end()) continue;
    value.date = Time(read.Int(1));
    key->second.Offer(value, descending);
  }
}

Status PageMaker::OfferTexts(int64_t field, bool descending, Keys& keys) {
  SESHAT_ASSIGN(auto read, db_.Prepare("SELECT v.sid, t.raw FROM value v JOIN term t ON t.id = v.term_id "
                                       "WHERE v.field_id = ? AND v.kind = ?"));
  read.Bind(field).Bind(kHasText);
  MetadataValue value;
  while (true) {
    SESHAT_ASSIGN(const bool row, read.Step());
    if (!row) return {};
    const auto key = keys.find(read.Int(0));
    if (key == keys.end()) continue;
    value.text = read.Text(1);
    key->second.Offer(value, descending);
  }
}

Result<SearchHit> PageMaker::Hit(int64_t sid) {
  SESHAT_ASSIGN(auto read, db_.Prepare("SELECT document FROM session WHERE sid = ?"));
  SESHAT_ASSIGN(const bool there, read.Bind(sid).Step());
  if (!there) return Fail(ErrorCode::kDataLoss, "a session that was found is not there");
  SESHAT_ASSIGN(auto document, DecodeSessionDocument(read.Text(0)));
  return SearchHit{std::move(document), 0};
}

Result<Facet> PageMaker::Count(const std::string& field, size_t most) {
  std::vector<std::pair<int64_t, int64_t>> uses;  // session, term
  SESHAT_ASSIGN(const auto fields, FieldIds(db_, aliases_.Group(field)));
  for (const int64_t id : fields) {
    SESHAT_ASSIGN(auto read, db_.Prepare("SELECT sid, term_id FROM value WHERE field_id = ?"));
    read.Bind(id);
    while (true) {
      SESHAT_ASSIGN(const bool row, read.Step());
      if (!row) break;
      if (found_.Has(read.Int(0))) uses.emplace_back(read.Int(0), read.Int(1));
    }
  }
  // A fixed field and a metadata key of the same name have terms of their own for the same text.
  std::unordered_map<int64_t, int64_t> index_of_term;
  std::unordered_map<std::string, int64_t> index_of_text;
  std::vector<FacetValue> values;
  for (auto& [sid, term] : uses) {
    auto known = index_of_term.find(term);
    if (known == index_of_term.end()) {
      SESHAT_ASSIGN(auto read, db_.Prepare("SELECT raw FROM term WHERE id = ?"));
      SESHAT_TRY(read.Bind(term).Step());
      const auto text = std::string(read.Text(0));
      const auto [same, is_new] = index_of_text.emplace(text, static_cast<int64_t>(values.size()));
      if (is_new) values.push_back({text, 0});
      known = index_of_term.emplace(term, same->second).first;
    }
    term = known->second;
  }
  std::ranges::sort(uses);
  const auto repeats = std::ranges::unique(uses);
  uses.erase(repeats.begin(), repeats.end());

  Facet facet;
  facet.field = field;
  facet.missing = found_.Count(sessions_);
  for (size_t i = 0; i < uses.size(); ++i) {
    ++values[static_cast<size_t>(uses[i].second)].count;
    if (i == 0 || uses[i].first != uses[i - 1].first) --facet.missing;
  }
  const auto order = [](const FacetValue& a, const FacetValue& b) {
    return std::tie(b.count, a.value) < std::tie(a.count, b.value);
  };
  const size_t kept = std::min(most, values.size());
  std::ranges::partial_sort(values, values.begin() + static_cast<std::ptrdiff_t>(kept), order);
  values.resize(kept);
  facet.values = std::move(values);
  return facet;
}

Result<Histogram> PageMaker::Bars(const HistogramRequest& request) {
  const bool numbers = request.of == HistogramRequest::Of::kNumbers;
  std::unordered_map<int64_t, std::vector<MetadataValue>> found;
  SESHAT_ASSIGN(const auto fields, FieldIds(db_, aliases_.Group(request.field)));
  for (const int64_t field : fields) {
    SESHAT_ASSIGN(auto read,
                  db_.Prepare(numbers ? "SELECT sid, number, whole, unit FROM number WHERE field_id = ?"
                                      : "SELECT sid, time FROM date WHERE field_id = ?"));
    read.Bind(field);
    while (true) {
      SESHAT_ASSIGN(const bool row, read.Step());
      if (!row) break;
      if (!found_.Has(read.Int(0))) continue;
      MetadataValue value;
      if (numbers) {
        value.number = read.Double(1);
        value.integer = read.IsNull(2) ? std::nullopt : std::optional(read.Int(2));
        value.unit = read.Text(3);
      } else {
        value.date = Time(read.Int(1));
      }
      found[read.Int(0)].push_back(std::move(value));
    }
  }
  std::vector<std::vector<MetadataValue>> values;
  for (auto& [sid, of_session] : found) values.push_back(std::move(of_session));
  values.resize(found_.Count(sessions_));
  return MakeHistogram(request, values);
}

}  // namespace seshat::sqlite_index
