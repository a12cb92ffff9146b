#include "platform/search_segment/segment_encoder.h"

#include <algorithm>
#include <cstring>

#include "core/digest/crc64nvme.h"
#include "core/metadata/text_fold.h"
#include "platform/search_segment/byte_io.h"
#include "platform/search_segment/posting.h"
#include "platform/search_segment/word_signature.h"

namespace seshat::search_segment {
namespace {

constexpr size_t kAlignment = 8;
constexpr unsigned kDocShift = 32;
// A field whose entries are this many times fewer than its documents knows how many have each.
constexpr size_t kDocsPerEntryOfTotals = 8;

uint32_t EntryOfUse(uint64_t use) { return static_cast<uint32_t>(use); }
size_t DocOfUse(uint64_t use) { return use >> kDocShift; }

}  // namespace

size_t WordListOf(std::string_view word) {
  const auto digits = std::ranges::count_if(word, [](char c) { return c >= '0' && c <= '9'; });
  return static_cast<size_t>(digits) >= kDigitsOfAnId ? 1 : 0;
}

template <typename T>
ArrayRecord SegmentEncoder::PutArray(const std::vector<T>& values) {
  ByteWriter writer(out_);
  writer.Align(kAlignment);
  const ArrayRecord record{writer.size(), values.size()};
  writer.PutAll(values);
  return record;
}

ArrayRecord SegmentEncoder::PutArray(std::string_view bytes) {
  ByteWriter(out_).Align(kAlignment);
  const ArrayRecord record{out_.size(), bytes.size()};
  out_ += bytes;
  return record;
}

void SegmentEncoder::SetDocs(const std::vector<uint64_t>& sids, const std::vector<int64_t>& started_at) {
  header_.docs = docs_;
  header_.sids = PutArray(sids);
  header_.started_at = PutArray(started_at);
}

uint64_t SegmentEncoder::Name(std::string_view name) {
  if (const auto known = name_offsets_.find(name); known != name_offsets_.end()) return known->second;
  const uint64_t offset = names_.size();
  names_ += name;
  name_offsets_.emplace(name, offset);
  return offset;
}

uint32_t SegmentEncoder::BeginField(FieldKind kind, std::string_view folded, bool has_words) {
  open_ = {};
  open_.record.name = Name(folded);
  open_.record.name_size = static_cast<uint32_t>(folded.size());
  open_.record.kind = static_cast<uint8_t>(kind);
  open_.record.has_words = has_words ? 1 : 0;
  return static_cast<uint32_t>(fields_.size());
}

uint32_t SegmentEncoder::AddEntry(const ValueEntry& entry) {
  const auto number = open_.record.entries++;
  if (number == 0 || entry.group != open_.last.group || entry.unit != open_.last_unit) {
    open_.runs.push_back({static_cast<uint32_t>(entry.group), number, number, static_cast<uint32_t>(entry.unit.size()),
                          Name(entry.unit)});
    open_.last.group = entry.group;
    open_.last_unit = entry.unit;
  }
  open_.runs.back().end = number + 1;
  if (entry.group != ValueGroup::kAsciiText) {
    const auto folded = metadata::FoldAccents(entry.text);
    const auto first = folded.empty() ? 0 : static_cast<unsigned char>(folded.front());
    open_.record.first_bytes[first / 64] |= uint64_t{1} << (first % 64);
  }
  open_.offsets.push_back(static_cast<uint32_t>(open_.bytes.size()));
  AppendEntry(entry, open_.bytes);
  return number;
}

template <typename T>
ArrayRecord SegmentEncoder::PutColumn(const std::vector<uint32_t>& first) {
  return PutArray(std::vector<T>(first.begin(), first.end()));
}

void SegmentEncoder::EndField(FieldColumn& column) {
  auto& record = open_.record;
  std::ranges::sort(column.uses);
  std::vector<uint32_t> first(docs_);
  std::vector<uint16_t> extra_docs;
  std::vector<uint32_t> extra_entries;
  std::vector<uint32_t> totals(record.entries);
  for (const uint64_t use : column.uses) {
    const size_t doc = DocOfUse(use);
    const uint32_t entry = EntryOfUse(use);
    ++totals[entry];
    if (first[doc] == 0) {
      first[doc] = entry + 1;
      ++record.present;
    } else {
      extra_docs.push_back(static_cast<uint16_t>(doc));
      extra_entries.push_back(entry);
    }
  }
  open_.offsets.push_back(static_cast<uint32_t>(open_.bytes.size()));
  // Its place among all runs for now: they are looked at when a segment is opened, and so lie together.
  record.runs = {runs_.size(), open_.runs.size()};
  runs_.insert(runs_.end(), open_.runs.begin(), open_.runs.end());
  record.entry_offsets = PutArray(open_.offsets);
  record.entry_bytes = PutArray(open_.bytes);
  record.width = record.entries < 0xFF ? 1 : record.entries < 0xFFFF ? 2 : 4;
  record.column = record.width == 1   ? PutColumn<uint8_t>(first)
                  : record.width == 2 ? PutColumn<uint16_t>(first)
                                      : PutColumn<uint32_t>(first);
  record.extra_docs = PutArray(extra_docs);
  record.extra_entries = PutArray(extra_entries);
  record.has_totals = size_t{record.entries} * kDocsPerEntryOfTotals <= docs_ ? 1 : 0;
  if (record.has_totals != 0) record.totals = PutArray(totals);
  fields_.push_back(record);
}

uint64_t SegmentEncoder::PutPosting(const std::vector<uint16_t>& docs) {
  const uint64_t offset = postings_.size();
  AppendPosting(docs, docs_, postings_);
  return offset;
}

void SegmentEncoder::AddSpelling(uint32_t field, std::string_view name, const std::vector<uint16_t>& docs) {
  ByteWriter writer(spellings_);
  writer.Varint(field);
  writer.Text(name);
  writer.Varint(docs.size());
  writer.Varint(PutPosting(docs));
}

void SegmentEncoder::AddWord(std::string_view word, const std::vector<WordPosting>& postings) {
  auto& list = lists_[WordListOf(word)];
  if (list.words++ % kWordsInBlock == 0) {
    list.blocks.push_back(static_cast<uint32_t>(list.bytes.size()));
    list.last.clear();
  }
  list.signatures.push_back(WordSignature(word));
  const auto shared = static_cast<size_t>(std::ranges::mismatch(list.last, word).in1 - list.last.begin());
  ByteWriter writer(list.bytes);
  writer.Varint(shared);
  writer.Text(word.substr(shared));
  list.last = word;
  writer.Text(PostingRecords(postings));
}

// For each field: its place, how many documents; then one document and how often it has the word, or where the list of
// documents is and how many exceptions it has.
const std::string& SegmentEncoder::PostingRecords(const std::vector<WordPosting>& postings) {
  records_.clear();
  ByteWriter writer(records_);
  for (const auto& posting : postings) {
    writer.Varint(posting.field);
    writer.Varint(posting.docs.size());
    if (posting.docs.size() == 1) {
      writer.Varint(posting.docs[0]);
      writer.Varint(posting.more.empty() ? 1 : posting.more[0].second);
      continue;
    }
    writer.Varint(PutPosting(posting.docs));
    writer.Varint(posting.more.size());
    AppendMore(posting.more, postings_);
  }
  return records_;
}

std::string SegmentEncoder::Finish() {
  header_.names = PutArray(std::string_view(names_));
  header_.spellings = PutArray(std::string_view(spellings_));
  header_.postings = PutArray(std::string_view(postings_));
  for (size_t i = 0; i < kWordLists; ++i) {
    auto& list = lists_[i];
    list.blocks.push_back(static_cast<uint32_t>(list.bytes.size()));
    header_.words[i] = {list.words, PutArray(list.blocks), PutArray(std::string_view(list.bytes)),
                        PutArray(list.signatures)};
  }
  const auto runs = PutArray(runs_);
  for (auto& field : fields_) field.runs.offset = runs.offset + field.runs.offset * sizeof(RunRecord);
  header_.fields = PutArray(fields_);
  ByteWriter(out_).Align(kAlignment);
  header_.size = out_.size();
  header_.checksum = HeaderChecksum(header_, AsText(std::as_bytes(std::span(fields_))));
  std::memcpy(out_.data(), &header_, sizeof(header_));
  return std::move(out_);
}

}  // namespace seshat::search_segment
