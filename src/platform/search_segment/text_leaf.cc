#include "platform/search_segment/text_leaf.h"

#include <algorithm>
#include <utility>

#include "core/metadata/text_fold.h"
#include "platform/search_segment/segment_encoder.h"
#include "platform/search_segment/value_leaf.h"
#include "platform/search_segment/word_signature.h"

namespace seshat::search_segment {
namespace {

// More edits than that are no misspelling; every word is then looked at.
constexpr unsigned kMaxEditsBySignature = 4;

bool IsPattern(TextMatch match) { return match == TextMatch::kWildcard || match == TextMatch::kRegex; }

// "abc*" and no other: all before the star belongs to one word.
bool IsPlainPrefix(const Text& node, const std::string& prefix) {
  const auto words = metadata::Words(prefix);
  return node.match == TextMatch::kWildcard && words.size() == 1 && words[0] == prefix &&
         prefix.size() < metadata::kMaxWordBytes && metadata::FoldAccents(node.text) == prefix + "*";
}

// No more than text_match.h allows for a word of so many letters.
unsigned MostEdits(std::string_view word, int distance) {
  if (distance >= 0) return static_cast<unsigned>(distance);
  const auto letters =
      std::ranges::count_if(word, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
  return letters <= 2 ? 0 : letters <= 5 ? 1 : 2;
}

}  // namespace

Result<TextLeaf> TextLeaf::Make(const Text& node, std::vector<std::string> fields) {
  SESHAT_ASSIGN(auto matcher, TextMatcher::Make(node));
  TextLeaf leaf(std::move(matcher), std::move(fields));
  if (node.match == TextMatch::kWord || node.match == TextMatch::kPhrase) leaf.exact_words_ = leaf.matcher_.words();
  leaf.is_plain_prefix_ = IsPlainPrefix(node, leaf.matcher_.literal_prefix());
  leaf.distance_ = node.distance;
  leaf.words_seen_.resize(std::max<size_t>(leaf.matcher_.words().size(), 1));
  return leaf;
}

std::vector<bool> TextLeaf::FieldsOf(const Segment& segment) const {
  std::vector<bool> wanted(segment.fields().size());
  if (fields_.empty()) {
    for (size_t i = 0; i < wanted.size(); ++i) wanted[i] = segment.fields()[i].has_words();
  }
  for (const auto& name : fields_)
    for (const auto* field : segment.Find(name)) wanted[static_cast<size_t>(field - segment.fields().data())] = true;
  return wanted;
}

bool TextLeaf::WordMatches(std::string_view word, size_t index) {
  const auto [seen, is_new] = words_seen_[index].try_emplace(std::string(word));
  if (is_new) seen->second = matcher_.MatchesWord(word, index);
  return seen->second;
}

void TextLeaf::ForEachPosting(const Segment& segment, const std::vector<bool>& fields, size_t index,
                              const std::function<void(const WordInField&)>& visit) {
  const auto add = [&](const WordCursor& cursor) {
    for (const auto& found : cursor.Postings())
      if (fields[found.field]) visit(found);
  };
  const auto& word = matcher_.words()[index];
  if (matcher_.match() != TextMatch::kFuzzy) {
    WordCursor cursor(segment, WordListOf(word));
    cursor.Seek(word);
    if (!cursor.at_end() && cursor.word() == word) add(cursor);
    return;
  }
  const unsigned edits = MostEdits(word, distance_);
  const auto digits = static_cast<size_t>(std::ranges::count_if(word, [](char c) { return c >= '0' && c <= '9'; }));
  for (size_t list = 0; list < kWordLists; ++list) {
    // No edits turn a word without digits into an id.
    if (list == 1 && digits + edits < kDigitsOfAnId) continue;
    const unsigned most = edits > kMaxEditsBySignature ? DocSet::kBits : 2 * edits;
    ForEachNearWord(segment, list, WordSignature(word), most, [&](const WordCursor& cursor) {
      if (WordMatches(cursor.word(), index)) add(cursor);
    });
  }
}

std::vector<DocSet> TextLeaf::DocsWithWord(const Segment& segment, const std::vector<bool>& fields, size_t index,
                                           WordTrace* trace) {
  std::vector<DocSet> found(fields.size());
  ForEachPosting(segment, fields, index, [&](const WordInField& in) {
    if (found[in.field].docs() == 0) found[in.field] = DocSet(segment.docs());
    in.docs.AddTo(found[in.field]);
    if (trace != nullptr) trace->push_back(in.docs);
  });
  return found;
}

void TextLeaf::Verify(const SegmentField& field, const DocSet& candidates, DocSet& docs) {
  std::vector<int8_t> known(field.entries(), -1);
  std::vector<uint32_t> entries;
  candidates.ForEach([&](size_t doc) {
    entries.clear();
    field.EntriesOf(doc, entries);
    for (const uint32_t entry : entries) {
      if (entry >= known.size()) continue;
      if (known[entry] < 0) known[entry] = matcher_.MatchesValue(field.Entry(entry).text) ? 1 : 0;
      if (known[entry] == 1) return docs.Add(doc);
    }
  });
}

void TextLeaf::AddEntriesThatMatch(const SegmentField& field, DocSet& docs) {
  std::vector<uint32_t> entries;
  for (uint32_t i = 0; i < field.entries(); ++i)
    if (matcher_.MatchesValue(field.Entry(i).text)) entries.push_back(i);
  field.AddDocs(entries, docs);
}

void TextLeaf::AddDocsWithWords(const Segment& segment, const std::vector<bool>& fields, const DocSet& within,
                                DocSet& docs, std::vector<WordTrace>* trace) {
  const size_t words = matcher_.words().size();
  if (words == 0) return;
  if (trace != nullptr) trace->resize(words);
  if (words == 1) {
    ForEachPosting(segment, fields, 0, [&](const WordInField& in) {
      in.docs.AddTo(docs);
      if (trace != nullptr) trace->front().push_back(in.docs);
    });
    return;
  }
  std::vector<DocSet> found;
  for (size_t i = 0; i < words; ++i) {
    auto next = DocsWithWord(segment, fields, i, trace == nullptr ? nullptr : &(*trace)[i]);
    for (size_t f = 0; i > 0 && f < found.size(); ++f) {
      if (next[f].docs() == 0 || found[f].docs() == 0) {
        next[f] = {};
      } else {
        next[f].And(found[f]);
      }
    }
    found = std::move(next);
  }
  for (size_t f = 0; f < found.size(); ++f) {
    if (found[f].docs() == 0) continue;
    // All words are in the field; whether they are in one value and in the right order, the value says.
    found[f].And(within);
    Verify(segment.fields()[f], found[f], docs);
  }
}

void TextLeaf::AddWholeValues(const SegmentField& field, DocSet& docs) {
  const std::string& prefix = matcher_.literal_prefix();
  std::vector<uint32_t> entries;
  for (const auto& run : field.runs()) {
    uint32_t i = run.begin;
    const bool sorted = static_cast<ValueGroup>(run.group) == ValueGroup::kAsciiText;
    if (sorted) i = PartitionPoint(field, run.begin, run.end, [&](const ValueEntry& e) { return e.folded >= prefix; });
    if (!sorted && !prefix.empty() && !field.MayBeginWith(static_cast<unsigned char>(prefix.front()))) continue;
    for (; i < run.end; ++i) {
      const auto entry = field.Entry(i);
      if (sorted && !entry.folded.starts_with(prefix)) break;
      if (matcher_.MatchesWhole(entry.text)) entries.push_back(i);
    }
  }
  field.AddDocs(entries, docs);
}

void TextLeaf::AddDocsWithPattern(const Segment& segment, const std::vector<bool>& fields, DocSet& docs) {
  const std::string& prefix = matcher_.literal_prefix();
  for (size_t list = 0; list < kWordLists; ++list) {
    WordCursor cursor(segment, list);
    for (cursor.Seek(prefix); !cursor.at_end() && cursor.word().starts_with(prefix); cursor.Next()) {
      // What a short pattern says about a word is said faster than remembered.
      if (!matcher_.MatchesWord(cursor.word())) continue;
      for (const auto& [field, posting] : cursor.Postings())
        if (fields[field]) posting.AddTo(docs);
    }
  }
  for (size_t f = 0; f < fields.size(); ++f)
    if (fields[f] && segment.fields()[f].has_words() && !is_plain_prefix_) AddWholeValues(segment.fields()[f], docs);
}

void TextLeaf::AddKeyNames(const Segment& segment, DocSet& docs) {
  for (const auto& spelling : segment.Spellings()) {
    const auto [seen, is_new] = names_seen_.try_emplace(std::string(spelling.name));
    if (is_new) seen->second = matcher_.MatchesValue(spelling.name);
    if (seen->second) spelling.docs.AddTo(docs);
  }
}

void TextLeaf::AddDocs(const Segment& segment, const DocSet& within, DocSet& docs, std::vector<WordTrace>* trace) {
  const auto fields = FieldsOf(segment);
  if (IsPattern(matcher_.match())) {
    AddDocsWithPattern(segment, fields, docs);
  } else {
    AddDocsWithWords(segment, fields, within, docs, trace);
  }
  for (size_t f = 0; f < fields.size(); ++f)
    if (fields[f] && !segment.fields()[f].has_words()) AddEntriesThatMatch(segment.fields()[f], docs);
  if (fields_.empty()) AddKeyNames(segment, docs);
}

}  // namespace seshat::search_segment
