#include "platform/search_segment/posting.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "core/base/bytes.h"
#include "core/digest/crc64nvme.h"
#include "platform/search_segment/byte_io.h"

namespace seshat::search_segment {
namespace {

constexpr size_t kBitsPerDoc = 16;
constexpr size_t kMoreBytes = sizeof(uint16_t) + sizeof(uint8_t);

bool AsBitmap(size_t count, size_t docs_in_segment) { return count * kBitsPerDoc >= docs_in_segment; }
size_t BitmapBytes(size_t docs) { return (docs + DocSet::kBits - 1) / DocSet::kBits * sizeof(uint64_t); }

template <typename T>
T Load(std::string_view bytes, size_t index) {
  T value;
  std::memcpy(&value, bytes.data() + index * sizeof(T), sizeof(T));
  return value;
}

}  // namespace

void AppendPosting(const std::vector<uint16_t>& docs, size_t docs_in_segment, std::string& out) {
  ByteWriter writer(out);
  if (!AsBitmap(docs.size(), docs_in_segment)) {
    writer.PutAll(docs);
    return;
  }
  DocSet set(docs_in_segment);
  for (const uint16_t doc : docs) set.Add(doc);
  for (const uint64_t word : set.words()) writer.Put(word);
}

void AppendMore(const std::vector<std::pair<uint16_t, uint8_t>>& more, std::string& out) {
  ByteWriter writer(out);
  for (const auto& [doc, times] : more) writer.Put(doc);
  for (const auto& [doc, times] : more) writer.Put(times);
}

Posting::Posting(std::string_view bytes, size_t count, size_t more, size_t docs_in_segment)
    : bitmap_(AsBitmap(count, docs_in_segment)) {
  const size_t size = bitmap_ ? BitmapBytes(docs_in_segment) : count * sizeof(uint16_t);
  if (count > docs_in_segment || more > count || bytes.size() < size + more * kMoreBytes) return;
  count_ = count;
  bytes_ = bytes.substr(0, size);
  more_ = bytes.substr(size, more * kMoreBytes);
}

void Posting::AddTo(DocSet& docs) const {
  if (count_ == 0) return;
  if (single_times_ != 0) return docs.Add(single_);
  if (is_bitmap()) {
    const auto words = docs.words();
    for (size_t i = 0; i < words.size(); ++i) words[i] |= Load<uint64_t>(bytes_, i);
    return;
  }
  for (size_t i = 0; i < count_; ++i) docs.Add(Load<uint16_t>(bytes_, i));
}

void Posting::AppendTo(std::vector<uint16_t>& docs) const {
  if (count_ == 0) return;
  if (single_times_ != 0) return docs.push_back(single_);
  if (!is_bitmap()) {
    for (size_t i = 0; i < count_; ++i) docs.push_back(Load<uint16_t>(bytes_, i));
    return;
  }
  for (size_t w = 0; w < bytes_.size() / sizeof(uint64_t); ++w)
    for (uint64_t bits = Load<uint64_t>(bytes_, w); bits != 0; bits &= bits - 1)
      docs.push_back(static_cast<uint16_t>(w * DocSet::kBits + static_cast<size_t>(std::countr_zero(bits))));
}

std::vector<std::pair<uint16_t, uint8_t>> Posting::More() const {
  if (single_times_ > 1) return {{single_, single_times_}};
  const size_t count = more_.size() / kMoreBytes;
  const auto times = more_.substr(count * sizeof(uint16_t));
  std::vector<std::pair<uint16_t, uint8_t>> out;
  for (size_t i = 0; i < count; ++i) out.emplace_back(Load<uint16_t>(more_, i), Load<uint8_t>(times, i));
  return out;
}

void Posting::AddTimes(const std::vector<uint16_t>& docs, std::vector<uint32_t>& times) const {
  if (count_ == 0) return;
  if (single_times_ != 0) {
    const auto found = std::ranges::lower_bound(docs, single_);
    if (found != docs.end() && *found == single_) times[static_cast<size_t>(found - docs.begin())] += single_times_;
    return;
  }
  if (is_bitmap()) {
    for (size_t i = 0; i < docs.size(); ++i)
      times[i] +=
          static_cast<uint32_t>(Load<uint64_t>(bytes_, docs[i] / DocSet::kBits) >> (docs[i] % DocSet::kBits) & 1);
  } else if (docs.size() < count_ / 8) {
    for (size_t i = 0; i < docs.size(); ++i) {
      size_t low = 0;
      for (size_t high = count_; low < high;) {
        const size_t middle = (low + high) / 2;
        Load<uint16_t>(bytes_, middle) < docs[i] ? low = middle + 1 : high = middle;
      }
      if (low < count_ && Load<uint16_t>(bytes_, low) == docs[i]) ++times[i];
    }
  } else {
    size_t at = 0;
    for (size_t i = 0; i < count_ && at < docs.size(); ++i) {
      const auto doc = Load<uint16_t>(bytes_, i);
      while (at < docs.size() && docs[at] < doc) ++at;
      if (at < docs.size() && docs[at] == doc) ++times[at];
    }
  }
  // Both ascend, and what is asked about is often only the beginning.
  const size_t count = more_.size() / kMoreBytes;
  const auto counts = more_.substr(count * sizeof(uint16_t));
  size_t at = 0;
  for (size_t i = 0; i < count; ++i) {
    const auto doc = Load<uint16_t>(more_, i);
    while (at < docs.size() && docs[at] < doc) ++at;
    if (at == docs.size()) return;
    if (docs[at] == doc) times[at] += Load<uint8_t>(counts, i) - 1U;
  }
}

uint64_t HeaderChecksum(const SegmentHeader& header, std::string_view field_records) {
  const auto bytes = std::as_bytes(std::span(&header, 1)).first(offsetof(SegmentHeader, checksum));
  return digest::Crc64Nvme(AsBytes(field_records), digest::Crc64Nvme(bytes));
}

}  // namespace seshat::search_segment
