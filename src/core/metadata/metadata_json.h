// The JSON form of session metadata. Private to metadata_text.cc.
#pragma once

#include <memory>
#include <string_view>

#include "core/metadata/metadata_collector.h"

namespace seshat::metadata {

class MetadataJson {
 public:
  // The '{' of the object is in line `first_line`.
  MetadataJson(MetadataCollector& collector, uint64_t first_line);
  ~MetadataJson();
  void Feed(std::string_view text);
  void Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace seshat::metadata

namespace seshat {
using metadata::MetadataJson;
}  // namespace seshat
