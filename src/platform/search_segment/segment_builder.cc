#include "platform/search_segment/segment_builder.h"

#include <algorithm>
#include <deque>
#include <map>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "core/metadata/text_fold.h"
#include "platform/search_segment/segment_encoder.h"

namespace seshat::search_segment {
namespace {

// A field while it is collected.
struct RawField {
  bool has_words = false;
  std::vector<std::pair<uint16_t, MetadataValue>> values;
  std::map<std::string, std::vector<uint16_t>> spellings;
};

// In how many places of a field of a document a word is: word, field and document in one number, so that sorting
// them is sorting numbers.
constexpr unsigned kFieldShift = 16;
constexpr unsigned kWordShift = 38;
constexpr uint64_t kFieldMask = (uint64_t{1} << (kWordShift - kFieldShift)) - 1;

class Builder {
 public:
  explicit Builder(std::span<const NumberedDocument> documents)
      : documents_(documents.begin(), documents.end()), encoder_(documents.size()) {
    std::ranges::sort(documents_, [](const NumberedDocument& a, const NumberedDocument& b) {
      if (a.document->started_at != b.document->started_at) return a.document->started_at > b.document->started_at;
      return a.document->session_id < b.document->session_id;
    });
  }

  std::string Build() {
    std::vector<uint64_t> sids;
    std::vector<int64_t> started_at;
    for (size_t doc = 0; doc < documents_.size(); ++doc) {
      sids.push_back(documents_[doc].sid);
      started_at.push_back(documents_[doc].document->started_at.time_since_epoch().count());
      Collect(static_cast<uint16_t>(doc), *documents_[doc].document);
    }
    encoder_.SetDocs(sids, started_at);
    for (auto& [key, field] : fields_) AddField(key.first, key.second, field);
    AddWords();
    return encoder_.Finish();
  }

 private:
  void Collect(uint16_t doc, const SessionDocument& document) {
    for (auto& [kind, name, value] : query::FieldValues(document)) {
      if (kind == FieldKind::kKeyName) {
        auto& docs = fields_[{Folded(value.text), FieldKind::kMetadata}].spellings[value.text];
        if (docs.empty() || docs.back() != doc) docs.push_back(doc);
        continue;
      }
      auto& field = fields_[{Folded(name), kind}];
      field.has_words = query::IsFullText(kind, name);
      field.values.emplace_back(doc, std::move(value));
    }
  }

  const std::string& Folded(const std::string& name) {
    const auto [found, is_new] = folded_.try_emplace(name);
    if (is_new) found->second = metadata::FoldField(name);
    return found->second;
  }

  void AddField(const std::string& folded, FieldKind kind, RawField& field) {
    const uint32_t place = encoder_.BeginField(kind, folded, field.has_words);
    std::deque<std::string> folds;
    std::vector<std::pair<ValueEntry, uint16_t>> uses;
    for (const auto& [doc, value] : field.values) {
      std::string_view fold;
      if (NeedsFold(value)) fold = folds.emplace_back(metadata::FoldCase(value.text));
      uses.emplace_back(EntryOf(value, fold), doc);
    }
    std::ranges::stable_sort(uses, [](const auto& a, const auto& b) { return Order(a.first, b.first) < 0; });
    FieldColumn column;
    std::vector<std::string> words;
    uint32_t entry = 0;
    for (size_t i = 0; i < uses.size(); ++i) {
      const auto& [value, doc] = uses[i];
      const bool is_new = i == 0 || Order(uses[i - 1].first, value) != 0;
      // The same value twice in one document.
      if (!is_new && uses[i - 1].second == doc) continue;
      if (is_new) {
        entry = encoder_.AddEntry(value);
        if (field.has_words) words = metadata::Words(value.text);
      }
      column.uses.push_back(uint64_t{doc} << 32 | entry);
      if (field.has_words) NoteWords(words, place, doc);
    }
    encoder_.EndField(column);
    for (const auto& [name, docs] : field.spellings) encoder_.AddSpelling(place, name, docs);
  }

  void NoteWords(const std::vector<std::string>& words, uint32_t field, uint16_t doc) {
    for (const auto& word : words) {
      const auto [known, is_new] = word_numbers_.try_emplace(word, word_numbers_.size());
      places_.push_back(uint64_t{known->second} << kWordShift | uint64_t{field} << kFieldShift | doc);
    }
  }

  void AddWords() {
    struct Word {
      size_t list;
      std::string_view text;
      uint64_t number;
    };
    std::vector<Word> sorted;
    for (const auto& [word, number] : word_numbers_) sorted.push_back({WordListOf(word), word, number});
    std::ranges::sort(sorted, {}, [](const Word& word) { return std::tie(word.list, word.text); });
    std::vector<uint64_t> rank(sorted.size());
    for (size_t i = 0; i < sorted.size(); ++i) rank[sorted[i].number] = i;
    for (auto& place : places_)
      place = rank[place >> kWordShift] << kWordShift | (place & ((uint64_t{1} << kWordShift) - 1));
    std::ranges::sort(places_);
    std::vector<WordPosting> postings;
    for (size_t at = 0; at < places_.size();) {
      const uint64_t word = places_[at] >> kWordShift;
      postings.clear();
      while (at < places_.size() && places_[at] >> kWordShift == word) at = AddPlace(at, postings);
      encoder_.AddWord(sorted[word].text, postings);
    }
  }

  // All equal ones from `at` on; answers what comes after them.
  size_t AddPlace(size_t at, std::vector<WordPosting>& postings) const {
    constexpr size_t kMaxTimes = 255;
    const uint64_t place = places_[at];
    const auto field = static_cast<uint32_t>(place >> kFieldShift & kFieldMask);
    const auto doc = static_cast<uint16_t>(place);
    size_t end = at;
    while (end < places_.size() && places_[end] == place) ++end;
    if (postings.empty() || postings.back().field != field) postings.push_back({field, {}, {}});
    postings.back().docs.push_back(doc);
    if (end - at > 1) postings.back().more.emplace_back(doc, static_cast<uint8_t>(std::min(end - at, kMaxTimes)));
    return end;
  }

  std::vector<NumberedDocument> documents_;
  SegmentEncoder encoder_;
  std::map<std::pair<std::string, FieldKind>, RawField> fields_;
  std::unordered_map<std::string, std::string> folded_;
  std::unordered_map<std::string, uint64_t> word_numbers_;
  std::vector<uint64_t> places_;
};

}  // namespace

std::string BuildSegment(std::span<const NumberedDocument> documents) { return Builder(documents).Build(); }

}  // namespace seshat::search_segment
