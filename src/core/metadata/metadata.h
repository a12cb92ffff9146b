// Session metadata as entries with typed values. The text format is in metadata_text.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"

namespace seshat::metadata {

// One value as written, and what it also is. A text can be several things at once ("1" is a number and an
// integer); a query compares with whichever side its own literal has.
struct MetadataValue {
  std::string text;                // as written, quotes removed, valid UTF-8
  std::optional<double> number;    // finite only; NaN, hexadecimal and ids with a leading zero stay text
  std::optional<int64_t> integer;  // exact where `number` cannot be (beyond 2^53) and wherever it is whole
  std::string unit;                // of `number`, as written: "°C", "kHz"; empty where there is none
  std::optional<Timestamp> date;
  std::optional<bool> boolean;

  bool operator==(const MetadataValue&) const = default;
};

// The one place where text gets its types, used for indexing and for query literals alike.
MetadataValue TypeValue(std::string_view text);

struct MetadataEntry {
  std::string key;  // "key", or "section.key" under a [section]; valid UTF-8, not empty
  MetadataValue value;

  bool operator==(const MetadataEntry&) const = default;
};

// A metadata text that was read as far as the limits allow.
struct Metadata {
  std::vector<MetadataEntry> entries;  // in the order of the text; repeated keys are all kept
  // Set where something had to be left out; the session is stored all the same.
  std::optional<uint64_t> truncated_at_line;  // from 1
  std::vector<std::string> problems;          // for people, at most 20: "line 3: no ':' or '='"
};

}  // namespace seshat::metadata

namespace seshat {
using metadata::Metadata;
using metadata::MetadataEntry;
using metadata::MetadataValue;
}  // namespace seshat
