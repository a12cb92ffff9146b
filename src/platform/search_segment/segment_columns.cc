// The loops over columns: what most of a search's time goes into.
#include <algorithm>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "platform/search_segment/count_bits.h"
#include "platform/search_segment/segment.h"

namespace seshat::search_segment {
namespace {

constexpr size_t kLanes = DocSet::kBits;

// Bit i: value i of 64 is in [low, low + width].
template <typename T>
uint64_t InRange(const T* values, size_t count, T low, T width) {
  uint64_t bits = 0;
  for (size_t i = 0; i < count; ++i) bits |= static_cast<uint64_t>(static_cast<T>(values[i] - low) <= width) << i;
  return bits;
}

#if defined(__SSE2__)
constexpr size_t kVectorBytes = sizeof(__m128i);

__m128i Load(const void* at) { return _mm_loadu_si128(static_cast<const __m128i*>(at)); }

// x <= width, unsigned: what saturating subtraction leaves is nothing.
uint64_t InRange64(const uint8_t* values, uint8_t low, uint8_t width) {
  const auto lows = _mm_set1_epi8(static_cast<char>(low));
  const auto widths = _mm_set1_epi8(static_cast<char>(width));
  uint64_t bits = 0;
  for (size_t i = 0; i < kLanes; i += kVectorBytes) {
    const auto over = _mm_subs_epu8(_mm_sub_epi8(Load(values + i), lows), widths);
    const auto mask = _mm_movemask_epi8(_mm_cmpeq_epi8(over, _mm_setzero_si128()));
    bits |= static_cast<uint64_t>(static_cast<unsigned>(mask)) << i;
  }
  return bits;
}

uint64_t EqualTo64(const uint8_t* values, uint8_t wanted) {
  const auto all = _mm_set1_epi8(static_cast<char>(wanted));
  uint64_t bits = 0;
  for (size_t i = 0; i < kLanes; i += kVectorBytes) {
    const auto mask = _mm_movemask_epi8(_mm_cmpeq_epi8(Load(values + i), all));
    bits |= static_cast<uint64_t>(static_cast<unsigned>(mask)) << i;
  }
  return bits;
}

uint64_t InRange64(const uint16_t* values, uint16_t low, uint16_t width) {
  const auto lows = _mm_set1_epi16(static_cast<short>(low));
  const auto widths = _mm_set1_epi16(static_cast<short>(width));
  const auto test = [&](size_t at) {
    const auto over = _mm_subs_epu16(_mm_sub_epi16(Load(values + at), lows), widths);
    return _mm_cmpeq_epi16(over, _mm_setzero_si128());
  };
  constexpr size_t kHalf = kVectorBytes / sizeof(uint16_t);
  uint64_t bits = 0;
  for (size_t i = 0; i < kLanes; i += 2 * kHalf) {
    const auto mask = _mm_movemask_epi8(_mm_packs_epi16(test(i), test(i + kHalf)));
    bits |= static_cast<uint64_t>(static_cast<unsigned>(mask)) << i;
  }
  return bits;
}
#else
template <typename T>
uint64_t InRange64(const T* values, T low, T width) {
  return InRange(values, kLanes, low, width);
}
uint64_t EqualTo64(const uint8_t* values, uint8_t wanted) { return InRange(values, kLanes, wanted, uint8_t{0}); }
#endif
uint64_t InRange64(const uint32_t* values, uint32_t low, uint32_t width) { return InRange(values, kLanes, low, width); }

template <typename T>
void AddInRange(std::span<const T> column, uint32_t begin, uint32_t end, DocSet& docs) {
  const auto low = static_cast<T>(begin + 1);
  const auto width = static_cast<T>(end - begin - 1);
  const auto words = docs.words();
  const size_t whole = column.size() / kLanes;
  for (size_t w = 0; w < whole; ++w) words[w] |= InRange64(column.data() + w * kLanes, low, width);
  if (column.size() % kLanes != 0)
    words[whole] |= InRange(column.data() + whole * kLanes, column.size() % kLanes, low, width);
}

// So many documents with one of few values: to compare whole columns with each value is then cheaper than to look every
// document up.
bool ComparingIsCheaper(size_t entries, size_t docs, size_t members) {
  constexpr size_t kComparesPerLookUp = 24;
  return entries * docs < members * kComparesPerLookUp;
}

size_t CountByComparing(std::span<const uint8_t> column, const DocSet& docs, std::span<uint32_t> counts) {
  const auto members = docs.words();
  const size_t whole = column.size() / kLanes;
  std::vector<uint64_t> bits(members.size());
  size_t present = 0;
  for (size_t entry = 0; entry < counts.size(); ++entry) {
    const auto value = static_cast<uint8_t>(entry + 1);
    for (size_t w = 0; w < whole; ++w) bits[w] = members[w] & EqualTo64(column.data() + w * kLanes, value);
    if (whole < bits.size())
      bits[whole] = members[whole] & InRange(column.data() + whole * kLanes, column.size() % kLanes, value, uint8_t{0});
    const size_t count = CountBits(bits);
    counts[entry] += static_cast<uint32_t>(count);
    present += count;
  }
  return present;
}

}  // namespace

void SegmentField::AddDocs(uint32_t begin, uint32_t end, DocSet& docs) const {
  end = std::min(end, record_.entries);
  if (begin >= end) return;
  if (record_.width == 1) AddInRange(Array<uint8_t>(record_.column), begin, end, docs);
  if (record_.width == 2) AddInRange(Array<uint16_t>(record_.column), begin, end, docs);
  if (record_.width == 4) AddInRange(Array<uint32_t>(record_.column), begin, end, docs);
  const auto extra = Array<uint32_t>(record_.extra_entries);
  const auto extra_docs = Array<uint16_t>(record_.extra_docs);
  for (size_t i = 0; i < extra.size(); ++i)
    if (extra[i] >= begin && extra[i] < end) docs.Add(extra_docs[i]);
}

void SegmentField::AddDocs(const std::vector<uint32_t>& wanted, DocSet& docs) const {
  // So many runs are scanned one by one; beyond that a look-up for each document is cheaper.
  constexpr size_t kMaxRuns = 6;
  std::vector<std::pair<uint32_t, uint32_t>> runs;
  for (const uint32_t entry : wanted) {
    if (runs.empty() || runs.back().second != entry) runs.emplace_back(entry, entry);
    runs.back().second = entry + 1;
  }
  if (runs.size() <= kMaxRuns) {
    for (const auto& [begin, end] : runs) AddDocs(begin, end, docs);
    return;
  }
  std::vector<bool> is_wanted(record_.entries);
  for (const uint32_t entry : wanted)
    if (entry < record_.entries) is_wanted[entry] = true;
  ForEachUse([&](size_t doc, uint32_t entry) {
    if (is_wanted[entry]) docs.Add(doc);
  });
}

template <typename T>
size_t SegmentField::CountIn(std::span<const T> column, const DocSet& docs, std::span<uint32_t> counts) const {
  // Neighbours often have the same value; counting them in turn in four places keeps them from waiting for each other.
  constexpr size_t kPlaces = 4;
  constexpr size_t kMaxToSpread = 4096;
  const size_t values = size_t{record_.entries} + 1;
  size_t missing = 0;
  size_t members = 0;
  if (values <= kMaxToSpread) {
    std::vector<uint32_t> places(kPlaces * values);
    size_t place = 0;
    docs.ForEach([&](size_t doc) {
      const size_t value = column[doc];
      if (value < values) ++places[place * values + value];
      place = (place + 1) % kPlaces;
    });
    for (size_t value = 0; value < values; ++value) {
      uint32_t count = 0;
      for (place = 0; place < kPlaces; ++place) count += places[place * values + value];
      members += count;
      value == 0 ? missing += count : counts[value - 1] += count;
    }
    return members - missing;
  }
  docs.ForEach([&](size_t doc) {
    const size_t value = column[doc];
    if (value == 0 || value >= values) return;
    ++counts[value - 1];
    ++members;
  });
  return members;
}

size_t SegmentField::Count(const DocSet& docs, std::span<uint32_t> counts) const {
  size_t present = 0;
  if (record_.width == 1) {
    const auto column = Array<uint8_t>(record_.column);
    present = ComparingIsCheaper(record_.entries, column.size(), docs.Count())
                  ? CountByComparing(column, docs, counts.first(record_.entries))
                  : CountIn(column, docs, counts);
  }
  if (record_.width == 2) present = CountIn(Array<uint16_t>(record_.column), docs, counts);
  if (record_.width == 4) present = CountIn(Array<uint32_t>(record_.column), docs, counts);
  const auto extra = Array<uint32_t>(record_.extra_entries);
  const auto extra_docs = Array<uint16_t>(record_.extra_docs);
  for (size_t i = 0; i < extra.size(); ++i)
    if (extra[i] < record_.entries && docs.Has(extra_docs[i])) ++counts[extra[i]];
  return present;
}

void SegmentField::EntriesOf(size_t doc, std::vector<uint32_t>& out) const {
  if (doc >= record_.column.count) return;
  const uint32_t first = record_.width == 1   ? Array<uint8_t>(record_.column)[doc]
                         : record_.width == 2 ? Array<uint16_t>(record_.column)[doc]
                                              : Array<uint32_t>(record_.column)[doc];
  if (first == 0) return;
  out.push_back(first - 1);
  const auto extra = Array<uint32_t>(record_.extra_entries);
  const auto [begin, end] = std::ranges::equal_range(Array<uint16_t>(record_.extra_docs), static_cast<uint16_t>(doc));
  const auto docs = Array<uint16_t>(record_.extra_docs);
  for (auto at = begin; at != end; ++at) out.push_back(extra[static_cast<size_t>(at - docs.begin())]);
}

}  // namespace seshat::search_segment
