#include "platform/search_segment/segment_merger.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <queue>
#include <vector>

#include "platform/search_segment/segment_encoder.h"
#include "platform/search_segment/word_list.h"

namespace seshat::search_segment {
namespace {

constexpr uint32_t kGone = std::numeric_limits<uint32_t>::max();

class Merger {
 public:
  explicit Merger(std::span<const MergeSource> sources) : sources_(sources) {}

  Result<std::string> Merge() {
    SESHAT_TRY(PlaceDocs());
    encoder_ = SegmentEncoder(docs_);
    encoder_.SetDocs(sids_, started_at_);
    SESHAT_TRY(MergeFields());
    MergeSpellings();
    for (size_t list = 0; list < kWordLists; ++list) SESHAT_TRY(MergeWords(list));
    return encoder_.Finish();
  }

 private:
  struct Place {
    int64_t started_at;
    std::string_view session_id;
    uint32_t source;
    uint32_t doc;
  };
  // Where a field is in each source.
  using Parts = std::vector<const SegmentField*>;

  // Newest first, and remembers where each document went.
  Status PlaceDocs() {
    std::vector<Place> places;
    std::vector<uint32_t> entries;
    for (uint32_t s = 0; s < sources_.size(); ++s) {
      const auto& segment = *sources_[s].segment;
      new_docs_.emplace_back(segment.docs(), kGone);
      const auto* ids = segment.Find(FieldKind::kFixed, "session_id");
      if (ids == nullptr) return Fail(ErrorCode::kDataLoss, "a part of the search index is damaged");
      sources_[s].live.ForEach([&](size_t doc) {
        entries.clear();
        ids->EntriesOf(doc, entries);
        const auto id = entries.empty() ? std::string_view() : ids->Entry(entries[0]).text;
        places.push_back({segment.started_at()[doc], id, s, static_cast<uint32_t>(doc)});
      });
    }
    if (places.size() > kMaxSegmentDocs) return Fail(ErrorCode::kInternal, "too many documents to merge");
    std::ranges::sort(places, [](const Place& a, const Place& b) {
      if (a.started_at != b.started_at) return a.started_at > b.started_at;
      return a.session_id < b.session_id;
    });
    docs_ = places.size();
    for (uint32_t i = 0; i < places.size(); ++i) {
      const auto& place = places[i];
      new_docs_[place.source][place.doc] = i;
      sids_.push_back(sources_[place.source].segment->sids()[place.doc]);
      started_at_.push_back(place.started_at);
    }
    return {};
  }

  Status MergeFields() {
    std::map<std::pair<std::string_view, FieldKind>, Parts> fields;
    for (size_t s = 0; s < sources_.size(); ++s) {
      new_fields_.emplace_back(sources_[s].segment->fields().size(), kGone);
      for (const auto& field : sources_[s].segment->fields()) {
        auto& parts = fields[{field.name(), field.kind()}];
        parts.resize(sources_.size());
        parts[s] = &field;
      }
    }
    for (const auto& [key, parts] : fields) SESHAT_TRY(MergeField(key.first, key.second, parts));
    return {};
  }

  Status MergeField(std::string_view name, FieldKind kind, const Parts& parts) {
    // Entries that only documents had that are gone go with them.
    std::vector<std::vector<uint32_t>> new_entries(parts.size());
    FieldColumn column;
    for (size_t s = 0; s < parts.size(); ++s) {
      if (parts[s] == nullptr) continue;
      new_entries[s].assign(parts[s]->entries(), kGone);
      parts[s]->ForEachUse([&](size_t doc, uint32_t entry) {
        if (new_docs_[s][doc] != kGone) new_entries[s][entry] = 0;
      });
    }
    const bool is_used =
        std::ranges::any_of(new_entries, [](const auto& used) { return std::ranges::find(used, 0U) != used.end(); });
    if (!is_used) return {};
    const auto* any = *std::ranges::find_if(parts, [](const auto* part) { return part != nullptr; });
    const uint32_t place = encoder_.BeginField(kind, name, any->has_words());
    SESHAT_TRY(MergeEntries(parts, new_entries));
    for (size_t s = 0; s < parts.size(); ++s) {
      if (parts[s] == nullptr) continue;
      new_fields_[s][static_cast<size_t>(parts[s] - sources_[s].segment->fields().data())] = place;
      parts[s]->ForEachUse([&](size_t doc, uint32_t entry) {
        if (new_docs_[s][doc] != kGone)
          column.uses.push_back(uint64_t{new_docs_[s][doc]} << 32 | new_entries[s][entry]);
      });
    }
    encoder_.EndField(column);
    return {};
  }

  struct Head {
    ValueEntry value;
    size_t source;
    uint32_t entry;
  };

  Status MergeEntries(const Parts& parts, std::vector<std::vector<uint32_t>>& new_entries) {
    const auto later = [](const Head& a, const Head& b) { return Order(b.value, a.value) < 0; };
    std::priority_queue<Head, std::vector<Head>, decltype(later)> heads(later);
    const auto push = [&](size_t source, uint32_t entry) {
      const auto& used = new_entries[source];
      while (entry < used.size() && used[entry] == kGone) ++entry;
      if (entry < used.size()) heads.push({parts[source]->Entry(entry), source, entry});
    };
    for (size_t s = 0; s < parts.size(); ++s) push(s, 0);
    ValueEntry last;
    uint32_t number = 0;
    bool is_first = true;
    while (!heads.empty()) {
      const Head head = heads.top();
      heads.pop();
      const auto order = is_first ? std::weak_ordering::less : Order(last, head.value);
      if (order > 0) return Fail(ErrorCode::kDataLoss, "a part of the search index is damaged");
      if (order < 0) number = encoder_.AddEntry(head.value);
      is_first = false;
      last = head.value;
      new_entries[head.source][head.entry] = number;
      push(head.source, head.entry + 1);
    }
    return {};
  }

  void AppendDocs(size_t source, const Posting& posting, std::vector<uint16_t>& docs) {
    scratch_.clear();
    posting.AppendTo(scratch_);
    for (const uint16_t doc : scratch_) {
      const uint32_t now = doc < new_docs_[source].size() ? new_docs_[source][doc] : kGone;
      if (now != kGone) docs.push_back(static_cast<uint16_t>(now));
    }
  }

  void MergeSpellings() {
    std::map<std::pair<uint32_t, std::string_view>, std::vector<uint16_t>> spellings;
    for (size_t s = 0; s < sources_.size(); ++s)
      for (const auto& spelling : sources_[s].segment->Spellings())
        if (const uint32_t field = new_fields_[s][spelling.field]; field != kGone)
          AppendDocs(s, spelling.docs, spellings[{field, spelling.name}]);
    for (auto& [key, docs] : spellings) {
      std::ranges::sort(docs);
      if (!docs.empty()) encoder_.AddSpelling(key.first, key.second, docs);
    }
  }

  void AddPostings(size_t source, const WordCursor& cursor, std::map<uint32_t, WordPosting>& merged) {
    for (const auto& [field, posting] : cursor.Postings()) {
      const uint32_t place = new_fields_[source][field];
      if (place == kGone) continue;
      auto& into = merged[place];
      AppendDocs(source, posting, into.docs);
      for (const auto& [doc, times] : posting.More())
        if (doc < new_docs_[source].size() && new_docs_[source][doc] != kGone)
          into.more.emplace_back(static_cast<uint16_t>(new_docs_[source][doc]), times);
    }
  }

  Status MergeWords(size_t list) {
    std::vector<WordCursor> cursors;
    for (const auto& source : sources_) cursors.emplace_back(*source.segment, list).Seek("");
    const auto later = [&](size_t a, size_t b) { return cursors[b].word() < cursors[a].word(); };
    std::priority_queue<size_t, std::vector<size_t>, decltype(later)> heads(later);
    for (size_t s = 0; s < cursors.size(); ++s)
      if (!cursors[s].at_end()) heads.push(s);
    std::string word;
    std::map<uint32_t, WordPosting> merged;
    std::vector<WordPosting> postings;
    while (!heads.empty()) {
      const std::string_view next = cursors[heads.top()].word();
      if (next < word) return Fail(ErrorCode::kDataLoss, "a part of the search index is damaged");
      word = next;
      merged.clear();
      while (!heads.empty() && cursors[heads.top()].word() == word) {
        const size_t s = heads.top();
        heads.pop();
        AddPostings(s, cursors[s], merged);
        cursors[s].Next();
        if (!cursors[s].at_end()) heads.push(s);
      }
      postings.clear();
      for (auto& [field, posting] : merged) {
        if (posting.docs.empty()) continue;
        std::ranges::sort(posting.docs);
        std::ranges::sort(posting.more);
        posting.field = field;
        postings.push_back(std::move(posting));
      }
      if (!postings.empty()) encoder_.AddWord(word, postings);
    }
    return {};
  }

  std::span<const MergeSource> sources_;
  size_t docs_ = 0;
  SegmentEncoder encoder_{0};
  std::vector<std::vector<uint32_t>> new_docs_;    // by source and document
  std::vector<std::vector<uint32_t>> new_fields_;  // by source and field
  std::vector<uint64_t> sids_;
  std::vector<int64_t> started_at_;
  std::vector<uint16_t> scratch_;
};

}  // namespace

Result<std::string> MergeSegments(std::span<const MergeSource> sources) { return Merger(sources).Merge(); }

}  // namespace seshat::search_segment
