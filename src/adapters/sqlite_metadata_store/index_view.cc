#include "adapters/sqlite_metadata_store/index_view.h"

#include <cstring>
#include <string>
#include <utility>

#include "core/base/bytes.h"

namespace seshat::sqlite_metadata_store {
namespace {

using search_segment::DocSet;
using search_segment::Segment;

Result<std::shared_ptr<const DocSet>> ReadLive(sqlite::Database& db, int64_t id, size_t docs, uint64_t dead) {
  auto live = std::make_shared<DocSet>(DocSet::All(docs));
  if (dead == 0) return live;
  SESHAT_ASSIGN(auto read, db.Prepare("SELECT dead FROM segment WHERE id = ?"));
  SESHAT_TRY(read.Bind(id).Step());
  const auto bits = read.Blob(0);
  DocSet gone(docs);
  if (bits.size() != gone.words().size_bytes())
    return Fail(ErrorCode::kDataLoss, "a part of the search index is damaged");
  std::memcpy(gone.words().data(), bits.data(), bits.size());
  live->AndNot(gone);
  if (live->Count() + dead != docs) return Fail(ErrorCode::kDataLoss, "a part of the search index is damaged");
  return live;
}

}  // namespace

uint64_t IndexView::sessions() const {
  uint64_t count = 0;
  for (const auto& segment : segments) count += segment.live_docs();
  return count;
}

std::string DeadBits(const DocSet& live) {
  auto dead = DocSet::All(live.docs());
  dead.AndNot(live);
  return std::string(AsText(std::as_bytes(dead.words())));
}

Status SegmentCache::Open(sqlite::Database& db, const Row& row, LiveSegment& out) {
  if (row.in_file) {
    SESHAT_ASSIGN(out.file, files_.Map(row.id, row.bytes));
    SESHAT_ASSIGN(out.segment, Segment::Open(out.file, out.file->bytes()));
  } else {
    SESHAT_ASSIGN(auto read, db.Prepare("SELECT content FROM segment_content WHERE id = ?"));
    SESHAT_TRY(read.Bind(row.id).Step());
    // Aligned for any type, as new memory is.
    auto copy = std::make_shared<const std::vector<char>>(AsText(read.Blob(0)).begin(), AsText(read.Blob(0)).end());
    const std::string_view bytes(copy->data(), copy->size());
    SESHAT_ASSIGN(out.segment, Segment::Open(std::move(copy), bytes));
  }
  if (out.segment->docs() != row.docs || row.dead > row.docs)
    return Fail(ErrorCode::kDataLoss, "a part of the search index is damaged");
  return {};
}

Result<IndexView> SegmentCache::Load(sqlite::Database& db) {
  std::vector<Row> rows;
  {
    SESHAT_ASSIGN(auto read, db.Prepare("SELECT id, docs, bytes, dead_docs, in_file FROM segment ORDER BY id"));
    while (true) {
      SESHAT_ASSIGN(const bool row, read.Step());
      if (!row) break;
      rows.push_back({read.Int(0), static_cast<uint64_t>(read.Int(1)), static_cast<uint64_t>(read.Int(2)),
                      static_cast<uint64_t>(read.Int(3)), read.Int(4) != 0});
    }
  }
  const std::lock_guard lock(mutex_);
  std::map<int64_t, LiveSegment> open;
  IndexView view;
  for (const auto& row : rows) {
    LiveSegment entry;
    if (const auto known = open_.find(row.id); known != open_.end()) entry = known->second;
    if (entry.segment == nullptr) {
      entry.id = row.id;
      SESHAT_TRY(Open(db, row, entry));
    }
    if (entry.live == nullptr || entry.dead != row.dead) {
      SESHAT_ASSIGN(entry.live, ReadLive(db, row.id, entry.segment->docs(), row.dead));
      entry.dead = row.dead;
    }
    view.segments.push_back(entry);
    open.emplace(row.id, std::move(entry));
  }
  open_ = std::move(open);
  return view;
}

void SegmentCache::Clear() {
  const std::lock_guard lock(mutex_);
  open_.clear();
}

}  // namespace seshat::sqlite_metadata_store
