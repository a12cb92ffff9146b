// The bytes of a segment: what the encoder writes and Segment reads. docs/formats/search-segment.md has the whole
// picture. Little-endian; every array begins at a multiple of 8 bytes; offsets count from the segment's first byte.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace seshat::search_segment {

// A change of anything here, of the order of values, of Words or of FoldCase needs a new number: the store then makes
// its segments anew from the documents when it is opened, and a segment of another number is refused. Format 3: texts
// folded by utf8proc.
inline constexpr uint32_t kSegmentFormat = 3;
inline constexpr uint32_t kSegmentMagic = 0x67655353;  // "SSeg"

// Document numbers are 16 bits wide.
inline constexpr size_t kMaxSegmentDocs = 65'536;

// Words that hold this many digits are numbers and ids, of which there are millions; they have a list of their own, so
// that a misspelt word is looked for among words.
inline constexpr size_t kDigitsOfAnId = 3;
inline constexpr size_t kWordLists = 2;
inline constexpr size_t kWordsInBlock = 4;

struct ArrayRecord {
  uint64_t offset = 0;
  uint64_t count = 0;
};

struct WordListRecord {
  uint64_t words = 0;
  ArrayRecord blocks;      // uint32: where each block of words begins in `bytes`, and where the last one ends
  ArrayRecord bytes;       // char
  ArrayRecord signatures;  // uint64: one for each word
};

struct SegmentHeader {
  uint32_t magic = kSegmentMagic;
  uint32_t format = kSegmentFormat;
  uint64_t size = 0;
  uint64_t docs = 0;
  ArrayRecord sids;        // uint64: the session's number in the catalogue
  ArrayRecord started_at;  // int64, falling
  ArrayRecord fields;      // FieldRecord, by folded name, then kind
  ArrayRecord names;       // char
  ArrayRecord spellings;   // char
  ArrayRecord postings;    // char
  std::array<WordListRecord, kWordLists> words;
  uint64_t checksum = 0;  // CRC-64/NVME of the header up to here and of the field and run records
};

// A run of entries of one group and unit.
struct RunRecord {
  uint32_t group = 0;
  uint32_t begin = 0;
  uint32_t end = 0;
  uint32_t name_size = 0;
  uint64_t name = 0;  // the unit, in `names`
};

struct FieldRecord {
  uint64_t name = 0;  // in `names`
  uint32_t name_size = 0;
  uint8_t kind = 0;
  uint8_t has_words = 0;
  uint8_t width = 1;  // of a column's value: 1, 2 or 4 bytes
  uint8_t has_totals = 0;
  uint32_t entries = 0;
  uint32_t present = 0;       // documents that have the field
  ArrayRecord runs;           // RunRecord
  ArrayRecord entry_offsets;  // uint32, one more than entries
  ArrayRecord entry_bytes;    // char
  ArrayRecord column;         // for each document the number of its first entry + 1, or 0
  ArrayRecord extra_docs;     // uint16: documents with more values, ascending
  ArrayRecord extra_entries;  // uint32: an entry for each of these
  ArrayRecord totals;         // uint32, for each entry: documents that have it; fields with few entries only
  std::array<uint64_t, 4> first_bytes{};  // of folded texts that are not in the run of ASCII texts
};

}  // namespace seshat::search_segment
