// A segment: up to 65,536 documents of the search index, never changed once it is made. It answers which documents
// have a value or a word, and which values a document has. docs/formats/search-segment.md.
//
// Thread safety: all methods, from any thread. Damage beyond the checked header reads as wrong values, never as a
// crash: every offset is held against the segment's size, and a document number against the number of documents.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/query/document_fields.h"
#include "platform/search_segment/doc_set.h"
#include "platform/search_segment/posting.h"
#include "platform/search_segment/segment_format.h"
#include "platform/search_segment/value_entry.h"

namespace seshat::search_segment {

// One field's values.
class SegmentField {
 public:
  SegmentField(std::string_view segment, const FieldRecord& record, std::string_view name)
      : segment_(segment), record_(record), name_(name) {}

  std::string_view name() const { return name_; }  // folded
  FieldKind kind() const { return static_cast<FieldKind>(record_.kind); }
  bool has_words() const { return record_.has_words != 0; }
  uint32_t entries() const { return record_.entries; }
  uint32_t present() const { return record_.present; }
  bool has_several_values() const { return record_.extra_docs.count != 0; }  // in one document
  std::span<const RunRecord> runs() const;
  ValueEntry Entry(uint32_t number) const;

  // Documents with an entry in [begin, end).
  void AddDocs(uint32_t begin, uint32_t end, DocSet& docs) const;
  // Documents with one of these entries, ascending.
  void AddDocs(const std::vector<uint32_t>& entries, DocSet& docs) const;
  void AddPresent(DocSet& docs) const { AddDocs(0, record_.entries, docs); }

  // Adds to counts[entry] the documents of `docs` that have it; counts has entries() elements. Answers how many of
  // `docs` have the field.
  size_t Count(const DocSet& docs, std::span<uint32_t> counts) const;
  // The entries of one document, appended.
  void EntriesOf(size_t doc, std::vector<uint32_t>& out) const;
  // visit(doc, entry) for every document's first entry and then for all further ones.
  template <typename Visit>
  void ForEachUse(const Visit& visit) const;

  // How many documents of the segment have each entry; empty for a field with many entries.
  std::span<const uint32_t> totals() const { return Array<uint32_t>(record_.totals); }
  // Whether a folded text outside of the run of ASCII texts may begin with this byte.
  bool MayBeginWith(unsigned char byte) const { return (record_.first_bytes[byte / 64] >> (byte % 64) & 1) != 0; }

 private:
  template <typename T>
  std::span<const T> Array(const ArrayRecord& array) const {
    return {reinterpret_cast<const T*>(segment_.data() + array.offset), array.count};
  }
  template <typename T>
  size_t CountIn(std::span<const T> column, const DocSet& docs, std::span<uint32_t> counts) const;

  std::string_view segment_;
  const FieldRecord& record_;
  std::string_view name_;
};

struct Spelling {
  uint32_t field = 0;
  std::string_view name;
  Posting docs;
};

class Segment {
 public:
  // `bytes` live as long as `owner` and begin at a multiple of 8. kDataLoss for what is no segment, kUnsupported for
  // one of another format.
  static Result<std::shared_ptr<const Segment>> Open(std::shared_ptr<const void> owner, std::string_view bytes);

  size_t docs() const { return header_->docs; }
  size_t bytes() const { return bytes_.size(); }
  std::span<const uint64_t> sids() const { return Array<uint64_t>(header_->sids); }
  std::span<const int64_t> started_at() const { return Array<int64_t>(header_->started_at); }

  std::span<const SegmentField> fields() const { return fields_; }
  const SegmentField* Find(FieldKind kind, std::string_view folded) const;
  // A fixed field, a metadata field, both or none.
  std::vector<const SegmentField*> Find(std::string_view folded) const;

  std::vector<Spelling> Spellings() const;
  const WordListRecord& word_list(size_t list) const { return header_->words[list]; }
  std::string_view Text(const ArrayRecord& array) const { return bytes_.substr(array.offset, array.count); }
  template <typename T>
  std::span<const T> Array(const ArrayRecord& array) const {
    return {reinterpret_cast<const T*>(bytes_.data() + array.offset), array.count};
  }
  Posting PostingAt(uint64_t offset, size_t count, size_t more) const;

 private:
  Segment(std::shared_ptr<const void> owner, std::string_view bytes) : owner_(std::move(owner)), bytes_(bytes) {}
  Status Check();

  std::shared_ptr<const void> owner_;
  std::string_view bytes_;
  const SegmentHeader* header_ = nullptr;
  std::vector<SegmentField> fields_;
};

template <typename Visit>
void SegmentField::ForEachUse(const Visit& visit) const {
  const auto all = [&](auto column) {
    for (size_t doc = 0; doc < column.size(); ++doc)
      if (column[doc] != 0 && column[doc] <= record_.entries) visit(doc, static_cast<uint32_t>(column[doc] - 1));
  };
  if (record_.width == 1) all(Array<uint8_t>(record_.column));
  if (record_.width == 2) all(Array<uint16_t>(record_.column));
  if (record_.width == 4) all(Array<uint32_t>(record_.column));
  const auto docs = Array<uint16_t>(record_.extra_docs);
  const auto extra = Array<uint32_t>(record_.extra_entries);
  for (size_t i = 0; i < docs.size(); ++i)
    if (docs[i] < record_.column.count && extra[i] < record_.entries) visit(docs[i], extra[i]);
}

}  // namespace seshat::search_segment
