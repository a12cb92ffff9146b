#include "platform/search_segment/value_entry.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <vector>

#include "platform/search_segment/byte_io.h"

namespace seshat::search_segment {
namespace {

constexpr uint8_t kGroupMask = 7;
constexpr uint8_t kHasInteger = 8;
constexpr uint8_t kHasBoolean = 16;
constexpr uint8_t kIsTrue = 32;
constexpr uint8_t kHasUnit = 64;
constexpr uint8_t kHasFolded = 128;  // and the text is not folded itself

bool IsAscii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Numbers are finite; should one not be, it still has its place.
std::weak_ordering OrderNumbers(double a, double b) {
  if (a < b) return std::weak_ordering::less;
  if (b < a) return std::weak_ordering::greater;
  return std::isnan(a) <=> std::isnan(b);
}

}  // namespace

MetadataValue ValueEntry::ToValue() const {
  MetadataValue value;
  value.text = text;
  if (has_number()) {
    value.number = number;
    value.unit = unit;
  }
  if (has_integer) value.integer = integer;
  if (has_date()) value.date = Timestamp{std::chrono::nanoseconds{date}};
  if (boolean >= 0) value.boolean = boolean == 1;
  return value;
}

bool NeedsFold(const MetadataValue& value) { return !value.number && !value.date; }

ValueEntry EntryOf(const MetadataValue& value, std::string_view folded) {
  ValueEntry entry;
  entry.text = value.text;
  if (value.number) {
    entry.number = *value.number;
    entry.unit = value.unit;
  }
  entry.has_integer = value.integer.has_value();
  entry.integer = value.integer.value_or(0);
  if (value.date) entry.date = value.date->time_since_epoch().count();
  if (value.boolean) entry.boolean = *value.boolean ? 1 : 0;
  if (value.number) {
    entry.group = value.date ? ValueGroup::kNumberAndDate : ValueGroup::kNumber;
  } else if (value.date) {
    entry.group = ValueGroup::kDate;
  } else {
    entry.group = value.boolean         ? ValueGroup::kTruth
                  : IsAscii(value.text) ? ValueGroup::kAsciiText
                                        : ValueGroup::kOtherText;
    entry.folded = folded;
  }
  return entry;
}

std::weak_ordering Order(const ValueEntry& a, const ValueEntry& b) {
  if (a.group != b.group) return a.group <=> b.group;
  if (a.has_number()) {
    if (const auto order = a.unit <=> b.unit; order != 0) return order;
    if (const auto order = OrderNumbers(a.number, b.number); order != 0) return order;
  } else if (a.is_text()) {
    if (const auto order = a.folded <=> b.folded; order != 0) return order;
  }
  const auto rest = [](const ValueEntry& e) { return std::tie(e.date, e.has_integer, e.integer, e.text, e.boolean); };
  return rest(a) <=> rest(b);
}

void AppendEntry(const ValueEntry& entry, std::string& out) {
  ByteWriter writer(out);
  const bool has_folded = entry.is_text() && entry.folded != entry.text;
  writer.Put(static_cast<uint8_t>(static_cast<uint8_t>(entry.group) | (entry.has_integer ? kHasInteger : 0) |
                                  (entry.boolean >= 0 ? kHasBoolean : 0) | (entry.boolean == 1 ? kIsTrue : 0) |
                                  (entry.unit.empty() ? 0 : kHasUnit) | (has_folded ? kHasFolded : 0)));
  if (entry.has_number()) writer.Put(entry.number);
  if (entry.has_date()) writer.Put(entry.date);
  writer.Text(entry.text);
  if (entry.has_integer) writer.Put(entry.integer);
  if (!entry.unit.empty()) writer.Text(entry.unit);
  if (has_folded) writer.Text(entry.folded);
}

ValueEntry ReadEntry(std::string_view bytes) {
  ByteReader reader(bytes);
  ValueEntry entry;
  const auto flags = reader.Get<uint8_t>();
  entry.group =
      static_cast<ValueGroup>(std::min<uint8_t>(flags & kGroupMask, static_cast<uint8_t>(ValueGroup::kOtherText)));
  if (entry.has_number()) entry.number = reader.Get<double>();
  if (entry.has_date()) entry.date = reader.Get<int64_t>();
  entry.text = reader.Text();
  entry.has_integer = (flags & kHasInteger) != 0;
  if (entry.has_integer) entry.integer = reader.Get<int64_t>();
  if ((flags & kHasBoolean) != 0) entry.boolean = (flags & kIsTrue) != 0 ? 1 : 0;
  if ((flags & kHasUnit) != 0) entry.unit = reader.Text();
  if (entry.is_text()) entry.folded = (flags & kHasFolded) != 0 ? reader.Text() : entry.text;
  return entry;
}

}  // namespace seshat::search_segment
