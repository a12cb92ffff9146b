// The distinct values of a field as a segment lists them, and their order.
//
// The order is made so that what queries ask for lies together: first values that are number and date at once, then
// numbers (by unit, then by number), then dates by time, then truth values, ASCII texts and last other texts, these
// three by folded text. An ordering or a range is one run of numbers for each unit; a prefix is one run of ASCII texts.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/metadata/metadata.h"

namespace seshat::search_segment {

enum class ValueGroup : uint8_t { kNumberAndDate, kNumber, kDate, kTruth, kAsciiText, kOtherText };

// A value that lies in a segment, or in what a segment is made of.
struct ValueEntry {
  ValueGroup group = ValueGroup::kAsciiText;
  bool has_integer = false;
  int8_t boolean = -1;  // 0, 1; -1: none
  double number = 0;
  int64_t integer = 0;
  int64_t date = 0;  // nanoseconds since 1970
  std::string_view unit;
  std::string_view text;
  std::string_view folded;  // FoldCase of the text; texts only

  bool has_number() const { return group <= ValueGroup::kNumber; }
  bool has_date() const { return group == ValueGroup::kNumberAndDate || group == ValueGroup::kDate; }
  bool is_text() const { return group >= ValueGroup::kTruth; }  // neither number nor date
  MetadataValue ToValue() const;
};

// Views into `value` and `folded`, which is FoldCase of its text or, where that is not needed, empty.
ValueEntry EntryOf(const MetadataValue& value, std::string_view folded);
bool NeedsFold(const MetadataValue& value);

std::weak_ordering Order(const ValueEntry& a, const ValueEntry& b);

void AppendEntry(const ValueEntry& entry, std::string& out);
// Views into `bytes`. Damage reads as some value, never as a crash.
ValueEntry ReadEntry(std::string_view bytes);

}  // namespace seshat::search_segment
