#include "platform/search_segment/segment.h"

#include <algorithm>
#include <tuple>

#include "core/base/bytes.h"
#include "platform/search_segment/byte_io.h"

namespace seshat::search_segment {
namespace {

constexpr size_t kAlignment = 8;

template <typename T>
bool Fits(std::string_view bytes, const ArrayRecord& array) {
  return array.offset <= bytes.size() && array.offset % kAlignment == 0 &&
         array.count <= (bytes.size() - array.offset) / sizeof(T);
}

bool HeaderFits(std::string_view bytes, const SegmentHeader& header) {
  const bool lists = std::ranges::all_of(header.words, [&](const WordListRecord& list) {
    return Fits<uint32_t>(bytes, list.blocks) && Fits<char>(bytes, list.bytes) &&
           Fits<uint64_t>(bytes, list.signatures) && list.words == list.signatures.count &&
           list.blocks.count == (list.words + kWordsInBlock - 1) / kWordsInBlock + 1;
  });
  return lists && Fits<uint64_t>(bytes, header.sids) && Fits<int64_t>(bytes, header.started_at) &&
         Fits<FieldRecord>(bytes, header.fields) && Fits<char>(bytes, header.names) &&
         Fits<char>(bytes, header.spellings) && Fits<char>(bytes, header.postings) && header.docs <= kMaxSegmentDocs &&
         header.sids.count == header.docs && header.started_at.count == header.docs;
}

bool FieldFits(std::string_view bytes, size_t docs, const FieldRecord& field) {
  const bool column = field.width == 1   ? Fits<uint8_t>(bytes, field.column)
                      : field.width == 2 ? Fits<uint16_t>(bytes, field.column)
                                         : field.width == 4 && Fits<uint32_t>(bytes, field.column);
  return column && field.column.count == docs && Fits<RunRecord>(bytes, field.runs) &&
         Fits<uint32_t>(bytes, field.entry_offsets) && field.entry_offsets.count == size_t{field.entries} + 1 &&
         Fits<char>(bytes, field.entry_bytes) && Fits<uint16_t>(bytes, field.extra_docs) &&
         Fits<uint32_t>(bytes, field.extra_entries) && field.extra_docs.count == field.extra_entries.count &&
         Fits<uint32_t>(bytes, field.totals) &&
         (field.has_totals == 0 ? field.totals.count == 0 : field.totals.count == field.entries);
}

bool NameFits(std::string_view names, uint64_t offset, uint32_t size) {
  return offset <= names.size() && size <= names.size() - offset;
}

}  // namespace

std::span<const RunRecord> SegmentField::runs() const { return Array<RunRecord>(record_.runs); }

ValueEntry SegmentField::Entry(uint32_t number) const {
  const auto offsets = Array<uint32_t>(record_.entry_offsets);
  const std::string_view bytes(segment_.data() + record_.entry_bytes.offset, record_.entry_bytes.count);
  if (number >= record_.entries || offsets[number] > bytes.size()) return {};
  return ReadEntry(bytes.substr(offsets[number]));
}

Result<std::shared_ptr<const Segment>> Segment::Open(std::shared_ptr<const void> owner, std::string_view bytes) {
  auto segment = std::shared_ptr<Segment>(new Segment(std::move(owner), bytes));
  SESHAT_TRY(segment->Check());
  return segment;
}

Status Segment::Check() {
  const auto damaged = [] { return Fail(ErrorCode::kDataLoss, "a part of the search index is damaged"); };
  if (bytes_.size() < sizeof(SegmentHeader)) return damaged();
  header_ = reinterpret_cast<const SegmentHeader*>(bytes_.data());
  if (header_->magic != kSegmentMagic) return damaged();
  if (header_->format != kSegmentFormat)
    return Fail(ErrorCode::kUnsupported, "a part of the search index has the format of another version");
  if (header_->size != bytes_.size() || !HeaderFits(bytes_, *header_)) return damaged();
  const auto records = Array<FieldRecord>(header_->fields);
  if (header_->checksum != HeaderChecksum(*header_, AsText(std::as_bytes(records)))) return damaged();
  const auto names = Text(header_->names);
  for (const auto& record : records) {
    if (!FieldFits(bytes_, docs(), record) || !NameFits(names, record.name, record.name_size)) return damaged();
    for (const auto& run : Array<RunRecord>(record.runs))
      if (run.begin > run.end || run.end > record.entries || !NameFits(names, run.name, run.name_size))
        return damaged();
    fields_.emplace_back(bytes_, record, names.substr(record.name, record.name_size));
  }
  return {};
}

const SegmentField* Segment::Find(FieldKind kind, std::string_view folded) const {
  const auto key = [](const SegmentField& field) { return std::tuple(field.name(), field.kind()); };
  const auto found = std::ranges::lower_bound(fields_, std::tuple(folded, kind), {}, key);
  return found != fields_.end() && key(*found) == std::tuple(folded, kind) ? &*found : nullptr;
}

std::vector<const SegmentField*> Segment::Find(std::string_view folded) const {
  std::vector<const SegmentField*> found;
  for (const auto kind : {FieldKind::kMetadata, FieldKind::kFixed})
    if (const auto* field = Find(kind, folded)) found.push_back(field);
  return found;
}

Posting Segment::PostingAt(uint64_t offset, size_t count, size_t more) const {
  const auto postings = Text(header_->postings);
  return {postings.substr(std::min<size_t>(offset, postings.size())), count, more, docs()};
}

std::vector<Spelling> Segment::Spellings() const {
  std::vector<Spelling> out;
  ByteReader reader(Text(header_->spellings));
  while (!reader.empty()) {
    const auto field = reader.Varint();
    const auto name = reader.Text();
    const auto count = reader.Varint();
    const auto offset = reader.Varint();
    if (!reader.ok() || field >= fields_.size()) break;
    out.push_back({static_cast<uint32_t>(field), name, PostingAt(offset, count, 0)});
  }
  return out;
}

}  // namespace seshat::search_segment
