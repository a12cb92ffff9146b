// A Text node on one segment after the other: words by their lists, whole values by the fields' entries.
#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/query/query.h"
#include "core/query/text_match.h"
#include "platform/search_segment/segment.h"
#include "platform/search_segment/word_list.h"

namespace seshat::search_segment {

// The documents that have one word of a query, field by field, for scoring.
using WordTrace = std::vector<Posting>;

// For one search: remembers what it has found out about words. Not thread-safe.
class TextLeaf {
 public:
  // `fields`: folded names; empty: all that texts without a field look at. The error of TextMatcher.
  static Result<TextLeaf> Make(const Text& node, std::vector<std::string> fields);

  // Adds documents of `within` that match; may add others that do not matter. `trace` where it is wanted: for each of
  // words().
  void AddDocs(const Segment& segment, const DocSet& within, DocSet& docs, std::vector<WordTrace>* trace);

  // The words that count for the score one by one; empty for patterns, which count as a whole.
  const std::vector<std::string>& words() const { return exact_words_; }
  // Reading single values may be needed: better asked of few documents.
  bool is_slow() const { return matcher_.words().size() > 1; }

 private:
  TextLeaf(TextMatcher matcher, std::vector<std::string> fields)
      : matcher_(std::move(matcher)), fields_(std::move(fields)) {}

  std::vector<bool> FieldsOf(const Segment& segment) const;
  // Visits, field by field, the documents that have this word of the query, or one that matches it.
  void ForEachPosting(const Segment& segment, const std::vector<bool>& fields, size_t index,
                      const std::function<void(const WordInField&)>& visit);
  // Per field of the segment: documents that have this word of the query, or one that matches it.
  std::vector<DocSet> DocsWithWord(const Segment& segment, const std::vector<bool>& fields, size_t index,
                                   WordTrace* trace);
  void AddDocsWithWords(const Segment& segment, const std::vector<bool>& fields, const DocSet& within, DocSet& docs,
                        std::vector<WordTrace>* trace);
  void AddDocsWithPattern(const Segment& segment, const std::vector<bool>& fields, DocSet& docs);
  void AddWholeValues(const SegmentField& field, DocSet& docs);
  void AddEntriesThatMatch(const SegmentField& field, DocSet& docs);
  void Verify(const SegmentField& field, const DocSet& candidates, DocSet& docs);
  void AddKeyNames(const Segment& segment, DocSet& docs);
  bool WordMatches(std::string_view word, size_t index);

  TextMatcher matcher_;
  std::vector<std::string> fields_;
  std::vector<std::string> exact_words_;
  bool is_plain_prefix_ = false;  // "abc*": a whole value that begins so has a word that does
  int distance_ = -1;
  std::vector<std::unordered_map<std::string, bool>> words_seen_;
  std::unordered_map<std::string, bool> names_seen_;
};

}  // namespace seshat::search_segment
