#include "adapters/sqlite_metadata_store/matches.h"

#include <algorithm>
#include <numeric>

namespace seshat::sqlite_metadata_store {
namespace {

using search_segment::Segment;

// The first document behind `after` in the order of newest first.
size_t FirstBehind(const Segment& segment, const SortKey& after) {
  const auto times = segment.started_at();
  const int64_t time = after.started_at.time_since_epoch().count();
  auto doc = static_cast<size_t>(std::ranges::lower_bound(times, time, std::ranges::greater{}) - times.begin());
  while (doc < times.size() && times[doc] == time && SessionIdOf(segment, doc) <= after.session_id) ++doc;
  return doc;
}

}  // namespace

void Matches::Add(search_segment::DocSet docs) {
  counts.push_back(docs.Count());
  found.push_back(std::move(docs));
}

uint64_t Matches::total() const { return std::accumulate(counts.begin(), counts.end(), uint64_t{0}); }

std::string_view SessionIdOf(const Segment& segment, size_t doc) {
  const auto* field = segment.Find(FieldKind::kFixed, "session_id");
  if (field == nullptr) return {};
  std::vector<uint32_t> entries;
  field->EntriesOf(doc, entries);
  return entries.empty() ? std::string_view() : field->Entry(entries[0]).text;
}

SortKey NewestKey(const Segment& segment, size_t doc) {
  SortKey key;
  key.started_at = Timestamp{std::chrono::nanoseconds{segment.started_at()[doc]}};
  key.session_id = SessionIdOf(segment, doc);
  return key;
}

NewestWalk::NewestWalk(const Matches& matches, const SortKey* after) : matches_(matches) {
  for (size_t s = 0; s < matches.found.size(); ++s)
    Push(s, after == nullptr ? 0 : FirstBehind(*matches.view->segments[s].segment, *after));
}

bool NewestWalk::ComesLater(const Head& a, const Head& b) const {
  if (a.started_at != b.started_at) return a.started_at < b.started_at;
  const auto id = [&](const Head& head) {
    return SessionIdOf(*matches_.view->segments[head.segment].segment, head.doc);
  };
  return id(a) > id(b);
}

void NewestWalk::Push(size_t segment, size_t doc) {
  doc = matches_.found[segment].Next(doc);
  const auto& in = *matches_.view->segments[segment].segment;
  if (doc >= in.docs()) return;
  heads_.push_back({in.started_at()[doc], segment, doc});
  std::ranges::push_heap(heads_, [&](const Head& a, const Head& b) { return ComesLater(a, b); });
}

void NewestWalk::Next() {
  std::ranges::pop_heap(heads_, [&](const Head& a, const Head& b) { return ComesLater(a, b); });
  const auto head = heads_.back();
  heads_.pop_back();
  Push(head.segment, head.doc + 1);
}

}  // namespace seshat::sqlite_metadata_store
