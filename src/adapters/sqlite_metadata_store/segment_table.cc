#include "adapters/sqlite_metadata_store/segment_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <map>

#include "core/base/bytes.h"
#include "core/metadata/text_fold.h"
#include "platform/search_segment/segment_merger.h"
#include "platform/search_segment/value_leaf.h"

namespace seshat::sqlite_metadata_store {
namespace {

using search_segment::DocSet;
using search_segment::kMaxSegmentDocs;
using search_segment::Segment;
using search_segment::ValueEntry;

constexpr size_t kFanIn = 8;
constexpr unsigned kFanInBits = 3;
// Offsets within a segment's field are 32 bits wide.
constexpr uint64_t kMaxMergedBytes = uint64_t{1} << 30;

unsigned LevelOf(uint64_t docs) { return (static_cast<unsigned>(std::bit_width(docs)) - 1) / kFanInBits; }

// The document of a session, where it is live.
std::optional<size_t> FindLive(const LiveSegment& segment, std::string_view session_id, std::string_view folded) {
  const auto* field = segment.segment->Find(FieldKind::kFixed, "session_id");
  if (field == nullptr) return std::nullopt;
  for (const auto& run : field->runs()) {
    uint32_t at = search_segment::PartitionPoint(*field, run.begin, run.end,
                                                 [&](const ValueEntry& entry) { return entry.folded >= folded; });
    for (; at < run.end; ++at) {
      const auto entry = field->Entry(at);
      if (entry.folded != folded) break;
      if (entry.text != session_id) continue;
      DocSet docs(segment.segment->docs());
      field->AddDocs(at, at + 1, docs);
      docs.And(*segment.live);
      if (const size_t doc = docs.Next(0); doc < docs.docs()) return doc;
    }
  }
  return std::nullopt;
}

}  // namespace

Status SegmentTable::Begin() {
  written_.clear();
  obsolete_.clear();
  SESHAT_ASSIGN(view_, cache_.Load(db_));
  if (cleaned_) return {};
  std::set<int64_t> ids;
  for (const auto& segment : view_.segments) ids.insert(segment.id);
  SESHAT_TRY(files_.RemoveOthers(ids));
  cleaned_ = true;
  return {};
}

void SegmentTable::Committed() {
  for (const int64_t id : obsolete_) files_.Remove(id);
  view_ = {};
}

// A commit that failed may have happened all the same, so its files stay until the next transaction knows.
void SegmentTable::RolledBack() {
  cleaned_ = cleaned_ && written_.empty();
  cache_.Clear();
  view_ = {};
}

Status SegmentTable::Add(const std::string& content, size_t docs) {
  const bool in_file = content.size() > inline_bytes_;
  {
    SESHAT_ASSIGN(auto add, db_.Prepare("INSERT INTO segment(docs, bytes, dead_docs, in_file) VALUES(?, ?, 0, ?)"));
    SESHAT_TRY(add.Bind(docs).Bind(content.size()).Bind(in_file ? 1 : 0).Run());
  }
  const int64_t id = db_.last_insert_rowid();
  if (in_file) {
    written_.push_back(id);
    SESHAT_TRY(files_.Write(id, content));
  } else {
    SESHAT_ASSIGN(auto put, db_.Prepare("INSERT INTO segment_content(id, content) VALUES(?, ?)"));
    SESHAT_TRY(put.Bind(id).BindBlob(AsBytes(content)).Run());
  }
  SESHAT_ASSIGN(view_, cache_.Load(db_));
  return {};
}

Status SegmentTable::MarkOneDead(std::string_view session_id, std::set<size_t>& touched) {
  const auto folded = metadata::FoldCase(session_id);
  // The newest segments first: what changes has mostly come of late.
  for (size_t i = view_.segments.size(); i-- > 0;) {
    auto& segment = view_.segments[i];
    const auto doc = FindLive(segment, session_id, folded);
    if (!doc) continue;
    if (touched.insert(i).second) segment.live = std::make_shared<DocSet>(*segment.live);
    std::const_pointer_cast<DocSet>(segment.live)->Remove(*doc);
    ++segment.dead;
    return {};
  }
  return Fail(ErrorCode::kDataLoss, fmt::format("session '{}' is in no part of the search index", session_id));
}

Status SegmentTable::MarkDead(std::span<const std::string> session_ids) {
  std::set<size_t> touched;
  for (const auto& session_id : session_ids) SESHAT_TRY(MarkOneDead(session_id, touched));
  for (const size_t place : touched) {
    const auto& segment = view_.segments[place];
    if (segment.live_docs() == 0) {
      SESHAT_TRY(Drop(segment));
      continue;
    }
    SESHAT_ASSIGN(auto put, db_.Prepare("UPDATE segment SET dead_docs = ?, dead = ? WHERE id = ?"));
    SESHAT_TRY(put.Bind(segment.dead).BindBlob(AsBytes(DeadBits(*segment.live))).Bind(segment.id).Run());
  }
  if (touched.empty()) return {};
  SESHAT_ASSIGN(view_, cache_.Load(db_));
  return {};
}

Status SegmentTable::Drop(const LiveSegment& segment) {
  for (const char* sql : {"DELETE FROM segment WHERE id = ?", "DELETE FROM segment_content WHERE id = ?"}) {
    SESHAT_ASSIGN(auto remove, db_.Prepare(sql));
    SESHAT_TRY(remove.Bind(segment.id).Run());
  }
  // Those that had no file are not missed.
  obsolete_.push_back(segment.id);
  return {};
}

std::vector<size_t> SegmentTable::Due() const {
  std::map<unsigned, std::vector<size_t>> levels;
  for (size_t i = 0; i < view_.segments.size(); ++i) {
    const auto& segment = view_.segments[i];
    if (segment.dead * 2 > segment.segment->docs()) return {i};
    levels[LevelOf(segment.live_docs())].push_back(i);
  }
  for (const auto& [level, places] : levels) {
    if (places.size() < kFanIn) continue;
    std::vector<size_t> chosen;
    uint64_t docs = 0;
    uint64_t bytes = 0;
    for (const size_t place : places) {
      const auto& segment = view_.segments[place];
      if (docs + segment.live_docs() > kMaxSegmentDocs || bytes + segment.segment->bytes() > kMaxMergedBytes) continue;
      docs += segment.live_docs();
      bytes += segment.segment->bytes();
      chosen.push_back(place);
    }
    if (chosen.size() > 1) return chosen;
  }
  return {};
}

Status SegmentTable::Merge(const std::vector<size_t>& places) {
  std::vector<search_segment::MergeSource> sources;
  size_t docs = 0;
  for (const size_t place : places) {
    const auto& segment = view_.segments[place];
    sources.push_back({segment.segment, *segment.live});
    docs += segment.live_docs();
    SESHAT_TRY(Drop(segment));
  }
  SESHAT_ASSIGN(const auto content, search_segment::MergeSegments(sources));
  return Add(content, docs);
}

Status SegmentTable::MergeWhatIsDue() {
  while (true) {
    const auto places = Due();
    if (places.empty()) return {};
    SESHAT_TRY(Merge(places));
  }
}

}  // namespace seshat::sqlite_metadata_store
