// The line form of session metadata. Private to metadata_text.cc.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/metadata/metadata_collector.h"

namespace seshat::metadata {

class MetadataLines {
 public:
  explicit MetadataLines(MetadataCollector& collector);
  void Feed(std::string_view text);
  void Finish();

 private:
  void Append(std::string_view part);
  void EndLine(std::string_view last_part);
  void Line(std::string_view line);
  void Section(std::string_view line);
  void Entry(std::string_view line);

  MetadataCollector& collector_;
  const size_t max_line_bytes_;
  uint64_t line_number_ = 1;
  std::string line_;  // the start of a line whose end has not come yet
  bool line_cut_ = false;
  bool after_carriage_return_ = false;
  std::string section_;  // "name." or empty
};

}  // namespace seshat::metadata

namespace seshat {
using metadata::MetadataLines;
}  // namespace seshat
