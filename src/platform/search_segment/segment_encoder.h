// Writes a segment from its parts, which come in order. Both makers of segments, SegmentBuilder (from documents) and
// MergeSegments (from other segments), end here.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/query/document_fields.h"
#include "platform/search_segment/segment_format.h"
#include "platform/search_segment/value_entry.h"

namespace seshat::search_segment {

// The documents that have one word in one field, ascending.
struct WordPosting {
  uint32_t field = 0;  // its place among the segment's fields
  std::vector<uint16_t> docs;
  std::vector<std::pair<uint16_t, uint8_t>> more;  // how often, for documents that have it more than once
};

// A field's values; filled between BeginField and EndField.
struct FieldColumn {
  // (document << 32 | entry), in any order, each once.
  std::vector<uint64_t> uses;
};

class SegmentEncoder {
 public:
  explicit SegmentEncoder(size_t docs) : docs_(docs) {}

  void SetDocs(const std::vector<uint64_t>& sids, const std::vector<int64_t>& started_at);

  // By folded name, then kind. Answers the field's place.
  uint32_t BeginField(FieldKind kind, std::string_view folded, bool has_words);
  // In the order of Order. Answers the entry's number.
  uint32_t AddEntry(const ValueEntry& entry);
  void EndField(FieldColumn& column);

  // A way to write a metadata field's name, and who writes it so.
  void AddSpelling(uint32_t field, std::string_view name, const std::vector<uint16_t>& docs);

  // Ascending in each of the two lists.
  void AddWord(std::string_view word, const std::vector<WordPosting>& postings);

  // The whole segment. Nothing may be added after it.
  std::string Finish();

 private:
  struct WordList {
    uint64_t words = 0;
    std::string bytes;
    std::vector<uint32_t> blocks;
    std::vector<uint64_t> signatures;
    std::string last;
  };
  struct OpenField {
    FieldRecord record;
    std::vector<uint32_t> offsets;
    std::string bytes;
    std::vector<RunRecord> runs;
    ValueEntry last;
    std::string last_unit;
  };

  uint64_t Name(std::string_view name);
  uint64_t PutPosting(const std::vector<uint16_t>& docs);
  const std::string& PostingRecords(const std::vector<WordPosting>& postings);
  template <typename T>
  ArrayRecord PutArray(const std::vector<T>& values);
  ArrayRecord PutArray(std::string_view bytes);
  template <typename T>
  ArrayRecord PutColumn(const std::vector<uint32_t>& first);

  size_t docs_;
  SegmentHeader header_;
  std::string out_ = std::string(sizeof(SegmentHeader), '\0');
  std::vector<FieldRecord> fields_;
  std::vector<RunRecord> runs_;
  OpenField open_;
  std::map<std::string, uint64_t, std::less<>> name_offsets_;
  std::string names_;
  std::string spellings_;
  std::string postings_;
  std::string records_;
  WordList lists_[kWordLists];
};

// Which list a word belongs to.
size_t WordListOf(std::string_view word);

}  // namespace seshat::search_segment
